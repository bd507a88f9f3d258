list(APPEND sources option_file_parser_test.cpp option_value_test.cpp options_test.cpp)

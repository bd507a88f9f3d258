list(APPEND sources
  aliases_file_test.cpp channel_options_test.cpp dispatcher_cnf_test.cpp header_options_test.cpp containment_options_test.cpp meter_options_test.cpp notice_templates_test.cpp spamfilter_test.cpp job_controller_cnf_test.cpp
  option_file_parser_test.cpp option_value_test.cpp options_test.cpp programs_test.cpp security_cnf_test.cpp shipped_files_test.cpp tailor_test.cpp)

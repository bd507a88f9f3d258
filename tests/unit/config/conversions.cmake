list(APPEND sources conversions_file_test.cpp)

list(APPEND sources mapping_file_test.cpp ../../support/mapping_examples.cpp)

# The mapping file: tables for the mapping engine.
list(APPEND sources mapping_file.cpp mapping_file_parser.cpp)
list(APPEND rooms mapping)

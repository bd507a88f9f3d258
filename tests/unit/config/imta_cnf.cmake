list(APPEND sources
  image_test.cpp imta_cnf_cases_test.cpp imta_cnf_grammar_test.cpp imta_cnf_parser_test.cpp imta_cnf_test.cpp)

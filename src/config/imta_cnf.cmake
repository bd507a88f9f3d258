list(APPEND sources
  image.cpp imta_cnf.cpp imta_cnf_blocks.cpp imta_cnf_keywords.cpp imta_cnf_lines.cpp imta_cnf_parser.cpp)
list(APPEND rooms channel rewrite)
find_package(OpenSSL REQUIRED)
list(APPEND libraries OpenSSL::Crypto)

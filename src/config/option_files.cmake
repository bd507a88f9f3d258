list(APPEND sources option_file.cpp option_file_parser.cpp option_value.cpp options.cpp tailor.cpp
  job_controller_cnf.cpp dispatcher_cnf.cpp security_cnf.cpp channel_options.cpp alias_value.cpp aliases_file_parser.cpp
  header_options.cpp notice_defaults.cpp notice_locales.cpp notice_option.cpp notice_templates.cpp
  containment_options.cpp filter_action.cpp filter_file.cpp meter_options.cpp programs.cpp spamfilter.cpp)
list(APPEND rooms alias containment message meter milter)

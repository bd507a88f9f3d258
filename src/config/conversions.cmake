# The conversions file: entries for the conversion channel.
list(APPEND sources
  conversion_options.cpp
  conversions_entry.cpp
  conversions_file.cpp
  conversions_lines.cpp)
list(APPEND rooms conversion message)

# The conversions file: entries for the conversion channel.
list(APPEND sources
  conversions_entry.cpp
  conversions_file.cpp
  conversions_lines.cpp)
list(APPEND rooms conversion message)

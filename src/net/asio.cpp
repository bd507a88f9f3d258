// Boost.Asio's own code, compiled once for all who link sluice_asio.
#include <boost/asio/impl/src.hpp>

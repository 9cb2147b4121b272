// Private to core/net: one request written to a connection, and the head of its response read.
//
// Functions without state; each uses its connection exclusively. Errors: those of Channel, with
// Error::sent: kNo only if the kernel accepted no byte of the request.
#pragma once

#include <cstdint>

#include <capstan/core/http/transport.hpp>
#include <capstan/core/net/client/open_answer.hpp>

namespace capstan::net {

// Such a body is written together with its head: one packet, without waiting for an acknowledgement
// in between.
inline bool IsSmall(const http::Request& request) { return request.body.size() <= (std::size_t{16} << 10); }

// A request as far as it was written.
struct Asked {
  Status written;
  std::uint64_t before = 0;  // bytes that the connection had sent until then
  // Whether any byte of it may have reached the server.
  bool sent(const Connection& connection) const { return connection.channel->bytes_out() != before; }
};

// `head` includes the body if that is small.
Asked Ask(const http::Request& request, const std::string& head, Connection& connection,
          const Context& context);

// Reads the head of the response. `nothing_came` reports that the connection ended before any byte
// of a response.
Result<Head> ReadAnswer(const http::Request& request, const Asked& asked, Connection& connection,
                        const Context& context, bool& nothing_came);

}  // namespace capstan::net

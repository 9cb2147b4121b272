// Handler is the server side of an exchange: core/net calls it from its threads, LoopbackTransport
// calls it directly.
#pragma once

#include <string_view>

#include <capstan/core/base/context.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::http {

// Where a Handler writes its response: either one Respond, or Begin and then any number of Writes;
// the return of Handle ends the body. One thread at a time. Errors: kUnavailable or kCancelled when
// the client is gone; the handler must stop then.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  virtual Status Respond(const Response& response) = 0;
  // Starts a streamed (chunked) response. Reaches the client immediately.
  virtual Status Begin(int status, const Headers& headers) = 0;
  // One piece, flushed immediately.
  virtual Status Write(std::string_view bytes) = 0;
  // Cuts the connection so that the client sees a truncated body; for fault injection.
  virtual void Abort() = 0;
  // Whether the client has gone away, as far as this is visible without writing. Idle streaming
  // handlers poll it.
  virtual bool ClientGone() = 0;
};

// Thread-safe: called for many requests concurrently. `request.url` is absolute and contains the
// Host that the client named.
class Handler {
 public:
  virtual ~Handler() = default;
  // Answers before it returns; if the handler wrote nothing, the client gets a 500. `context` is
  // stopped when the server stops or, for a loopback, when the client closes its stream.
  virtual void Handle(const Request& request, ResponseWriter& writer, const Context& context) = 0;
};

}  // namespace capstan::http

// Handler is the server's side: core/net calls it from its threads, LoopbackTransport calls it
// directly.
#pragma once

#include <string_view>

#include <capstan/core/base/context.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::http {

// Where a Handler puts its answer: either Respond once, or Begin and then Write as often as it
// likes; the end of Handle ends the body. One thread at a time. Errors: kUnavailable or kCancelled
// when the client is gone; stop then.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  virtual Status Respond(const Response& response) = 0;
  // Starts a streamed answer (chunked). Reaches the client at once.
  virtual Status Begin(int status, const Headers& headers) = 0;
  // One piece, flushed at once.
  virtual Status Write(std::string_view bytes) = 0;
  // Cuts the connection so that the client sees a broken body; for faults.
  virtual void Abort() = 0;
  // Whether the client has gone away, as far as that shows without writing. Idle streamers ask now
  // and then.
  virtual bool ClientGone() = 0;
};

// Thread-safe: called for many requests at once. `request.url` is absolute, with the Host the
// client named.
class Handler {
 public:
  virtual ~Handler() = default;
  // Answers before it returns; a handler that wrote nothing gives the client a 500. `context` stops
  // when the server stops or, for a loopback, when the client closed its stream.
  virtual void Handle(const Request& request, ResponseWriter& writer, const Context& context) = 0;
};

}  // namespace capstan::http

// Transport is the one door to every server: each Kubernetes or cloud call is one Send or one Open.
// Sockets, faults, quotas and simulation are implementations or decorators of it.
#pragma once

#include <memory>
#include <string_view>

#include <capstan/core/base/context.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::http {

// The body of a response while it arrives. One thread at a time. Destroying it ends the exchange.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // The next bytes as they arrive, valid until the next call; empty means the body ended properly.
  // Blocks. Errors: kDataLoss (cut before its end), kDeadlineExceeded (context), kCancelled,
  // kUnavailable.
  virtual Result<std::string_view> Read(const Context& context) = 0;
};

struct StreamResponse {
  int status = 0;
  Headers headers;
  std::unique_ptr<ByteStream> body;  // never null
};

// Thread-safe. Callers hold no Mutex (implementations assert it).
//
// Any HTTP status is a success here: the exchange took place. Errors are those of the exchange
// itself, and Error::sent tells whether the request may have reached the server: kUnavailable
// (could not connect, connection lost), kDeadlineExceeded, kCancelled, kDataLoss (the answer was
// cut or malformed), kTooLarge, kInvalidArgument (the URL), kUnauthenticated (the server's
// certificate was refused).
class Transport {
 public:
  virtual ~Transport() = default;
  // One exchange, the whole answer. Never repeats a request whose bytes may have left, unless it is
  // a GET or HEAD.
  virtual Result<Response> Send(const Request& request, const Context& context) = 0;
  // Like Send, but returns when the head of the answer is there. The stream outlives neither
  // Transport nor `context.stop`: a stop ends it. The deadline of `context` covers the head only;
  // each Read has its own.
  virtual Result<StreamResponse> Open(const Request& request, const Context& context) = 0;
};

}  // namespace capstan::http

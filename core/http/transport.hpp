// Transport is the only path to any server: each Kubernetes or cloud call is one Send or one Open.
// Sockets, faults, quotas and the simulation are implementations or decorators of it.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <capstan/core/base/context.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::http {

// The body of a response as it arrives. One thread at a time. The destructor ends the exchange.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // The next bytes as they arrive, valid until the next call; empty: the body ended properly.
  // Blocks. Errors: kDataLoss (cut before its end), kDeadlineExceeded (context), kCancelled,
  // kUnavailable.
  virtual Result<std::string_view> Read(const Context& context) = 0;
};

struct StreamResponse {
  int status = 0;
  Headers headers;
  std::unique_ptr<ByteStream> body;  // never null
};

// Thread-safe. Callers must not hold a Mutex (implementations assert it).
//
// Any HTTP status is a success here: the exchange took place. Errors are those of the exchange
// itself, and Error::sent tells whether the request may have reached the server: kUnavailable
// (could not connect, connection lost), kDeadlineExceeded, kCancelled, kDataLoss (the response was
// cut off or malformed), kTooLarge, kInvalidArgument (the URL), kUnauthenticated (the server's
// certificate was rejected).
class Transport {
 public:
  virtual ~Transport() = default;
  // One exchange with the complete response. Never repeats a request whose bytes may have been
  // sent, unless it is a GET or HEAD.
  virtual Result<Response> Send(const Request& request, const Context& context) = 0;
  // Several exchanges, each as by Send, in any order and at the same time if the implementation
  // can; returns when all are over. The results are in the order of the requests. This default
  // sends one after the other, so that a decorator of Send applies to each.
  virtual std::vector<Result<Response>> SendAll(std::span<const Request> requests, const Context& context) {
    std::vector<Result<Response>> responses;
    responses.reserve(requests.size());
    for (const Request& request : requests) responses.push_back(Send(request, context));
    return responses;
  }
  // Like Send, but returns as soon as the head of the response arrived. The stream must not outlive
  // the Transport; a stop of `context.stop` ends it. The deadline of `context` covers only the
  // head; each Read has its own.
  virtual Result<StreamResponse> Open(const Request& request, const Context& context) = 0;
};

}  // namespace capstan::http

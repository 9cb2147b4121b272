// Private to core/net: the ResponseWriter that HttpServer passes to its handler. For the thread
// that handles the request; the channel must outlive it. Errors: kUnavailable when the client is
// gone or too slow, kCancelled when the server stops.
#pragma once

#include <string>

#include <capstan/core/http/handler.hpp>
#include <capstan/core/net/server/connection_table.hpp>
#include <capstan/core/net/stream/channel.hpp>

namespace capstan::net {

class SocketResponseWriter final : public http::ResponseWriter {
 public:
  struct Client {
    int minor = 1;           // the client's HTTP/1.minor
    bool head_only = false;  // the request was a HEAD
    bool keeps_alive = false;
    Duration answer_limit{};  // for the client to read a piece of the response
  };
  SocketResponseWriter(Channel& channel, Seat& seat, Client client)
      : channel_(channel), seat_(seat), client_(client) {}

  Status Respond(const http::Response& response) override;
  Status Begin(int status, const http::Headers& headers) override;
  Status Write(std::string_view bytes) override;
  void Abort() override;
  bool ClientGone() override;

  // Call after the handler: ends the body. Returns whether the connection can carry another
  // request.
  bool Finish();
  bool started() const { return state_ != State::kNothing; }

 private:
  enum class State { kNothing, kStreaming, kDone, kBroken };
  std::string Head(int status, const http::Headers& headers) const;
  Status Put(const std::string& bytes);

  Channel& channel_;
  Seat& seat_;
  Client client_;
  bool bodyless_ = false;
  State state_ = State::kNothing;
};

}  // namespace capstan::net

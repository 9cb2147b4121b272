// Private to core/net: the ResponseWriter that HttpServer hands to its handler.
#pragma once

#include <string>

#include <capstan/core/http/handler.hpp>
#include <capstan/core/net/stream/channel.hpp>

namespace capstan::net {

class SocketResponseWriter final : public http::ResponseWriter {
 public:
  // `minor`: the client's HTTP/1.minor. `head_only`: the request was a HEAD.
  SocketResponseWriter(Channel& channel, int minor, bool head_only, bool keeps_alive)
      : channel_(channel), minor_(minor), head_only_(head_only), keeps_alive_(keeps_alive) {}

  Status Respond(const http::Response& response) override;
  Status Begin(int status, const http::Headers& headers) override;
  Status Write(std::string_view bytes) override;
  void Abort() override;
  bool ClientGone() override;

  // After the handler: ends the body. Whether the connection may carry another request.
  bool Finish();
  bool started() const { return state_ != State::kNothing; }

 private:
  enum class State { kNothing, kStreaming, kDone, kBroken };
  std::string Head(int status, const http::Headers& headers) const;
  Status Put(const std::string& bytes);

  Channel& channel_;
  const int minor_;
  const bool head_only_;
  bool keeps_alive_;
  bool bodyless_ = false;
  State state_ = State::kNothing;
};

}  // namespace capstan::net

// CollectingWriter collects a Handler's answer, streamed or not, into one Response, for callers of
// a handler without a connection. Not thread-safe.
#pragma once

#include <string_view>
#include <utility>

#include <capstan/core/http/handler.hpp>

namespace capstan::http {

class CollectingWriter final : public ResponseWriter {
 public:
  Status Respond(const Response& response) override {
    response_ = response;
    begun_ = true;
    return {};
  }
  Status Begin(int status, const Headers& headers) override {
    response_.status = status;
    response_.headers = headers;
    begun_ = true;
    return {};
  }
  Status Write(std::string_view bytes) override {
    response_.body += bytes;
    return {};
  }
  void Abort() override { aborted_ = true; }
  bool ClientGone() override { return false; }

  // Whether the handler began an answer, and whether it aborted it.
  bool begun() const { return begun_; }
  bool aborted() const { return aborted_; }
  const Response& response() const { return response_; }
  Response Take() { return std::move(response_); }

 private:
  Response response_;
  bool begun_ = false;
  bool aborted_ = false;
};

}  // namespace capstan::http

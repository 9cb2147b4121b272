#include <capstan/core/net/server/response_writer.hpp>

#include <chrono>
#include <cstdio>

#include <Poco/Net/HTTPResponse.h>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::net {
namespace {

bool IsFraming(std::string_view name) {
  return EqualsIgnoreCase(name, "Content-Length") || EqualsIgnoreCase(name, "Transfer-Encoding") ||
         EqualsIgnoreCase(name, "Connection");
}

std::string_view OneLine(std::string_view text) { return text.substr(0, text.find_first_of("\r\n")); }

}  // namespace

std::string SocketResponseWriter::Head(int status, const http::Headers& headers) const {
  auto reason =
      Poco::Net::HTTPResponse::getReasonForStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status));
  auto head = StrCat("HTTP/1.1 ", status, " ", reason, "\r\n");
  for (const auto& [name, value] : headers.fields())
    if (!IsFraming(name)) head += StrCat(OneLine(name), ": ", OneLine(value), "\r\n");
  if (!headers.Get("Date"))
    head += StrCat("Date: ", FormatHttpDate(std::chrono::system_clock::now()), "\r\n");
  if (!client_.keeps_alive) head += "Connection: close\r\n";
  return head;
}

Status SocketResponseWriter::Put(const std::string& bytes) {
  AssertNoLocksHeld("ResponseWriter");
  const Instant now = BootNow();
  seat_.Set(ConnectionPhase::kWritingResponse, now);
  auto written = channel_.Write(bytes, After(now, client_.answer_limit));
  seat_.Set(ConnectionPhase::kProcessing, now);
  if (written) return {};
  state_ = State::kBroken;
  auto error = std::move(written).error();
  if (error.code != Code::kCancelled) error.code = Code::kUnavailable;
  return Fail(std::move(error));
}

Status SocketResponseWriter::Respond(const http::Response& response) {
  if (state_ != State::kNothing) return Fail(Code::kFailedPrecondition, "the answer has already begun");
  bool empty = response.status == 204 || response.status == 304 || response.status < 200;
  auto text = Head(response.status, response.headers);
  if (!empty) text += StrCat("Content-Length: ", response.body.size(), "\r\n");
  text += "\r\n";
  if (!empty && !client_.head_only) text += response.body;
  CAPSTAN_RETURN_IF_ERROR(Put(text));
  state_ = State::kDone;
  return {};
}

Status SocketResponseWriter::Begin(int status, const http::Headers& headers) {
  if (state_ != State::kNothing) return Fail(Code::kFailedPrecondition, "the answer has already begun");
  bodyless_ = client_.head_only || status == 204 || status == 304;
  if (client_.minor == 0)
    client_.keeps_alive = false;  // HTTP/1.0 has no chunks: closing the connection ends the body
  auto text = Head(status, headers);
  if (client_.minor > 0 && !bodyless_) text += "Transfer-Encoding: chunked\r\n";
  CAPSTAN_RETURN_IF_ERROR(Put(text + "\r\n"));
  state_ = State::kStreaming;
  return {};
}

Status SocketResponseWriter::Write(std::string_view bytes) {
  if (state_ == State::kBroken) return Fail(Code::kUnavailable, "the client is gone");
  if (state_ != State::kStreaming)
    return Fail(Code::kFailedPrecondition, "the answer has not begun, or is over");
  if (bytes.empty() || bodyless_) return {};
  if (client_.minor == 0) return Put(std::string(bytes));
  char size[24];
  int digits = std::snprintf(size, sizeof(size), "%zx\r\n", bytes.size());
  std::string chunk;
  chunk.reserve(static_cast<std::size_t>(digits) + bytes.size() + 2);
  chunk.append(size, static_cast<std::size_t>(digits)).append(bytes).append("\r\n");
  return Put(chunk);
}

void SocketResponseWriter::Abort() {
  state_ = State::kBroken;
  channel_.Cut();
}

bool SocketResponseWriter::ClientGone() { return state_ == State::kBroken || channel_.PeerGone(); }

bool SocketResponseWriter::Finish() {
  if (state_ == State::kNothing)
    (void)Respond(
        http::Response{500, {{"Content-Type", "text/plain; charset=utf-8"}}, "the server gave no answer\n"});
  if (state_ == State::kStreaming && client_.minor > 0 && !bodyless_) (void)Put("0\r\n\r\n");
  return client_.keeps_alive && state_ != State::kBroken;
}

}  // namespace capstan::net

#include <capstan/core/net/stream/message_reader.hpp>

#include <algorithm>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/net/stream/field.hpp>

namespace capstan::net {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "HTTP/1.1": the minor version, or -1.
int MinorVersion(std::string_view text) {
  if (text.size() != 8 || text.substr(0, 7) != "HTTP/1." || !IsDigit(text[7])) return -1;
  return text[7] - '0';
}

// The items of all fields of that name, which is one list (RFC 9110 5.3).
std::vector<std::string> ListOf(const http::Headers& headers, std::string_view name) {
  std::vector<std::string> items;
  for (const auto& [key, value] : headers.fields()) {
    if (!EqualsIgnoreCase(key, name)) continue;
    for (const std::string& item : Split(value, ',')) items.push_back(ToLower(Trim(item)));
  }
  return items;
}

Result<std::uint64_t> ParseLength(std::string_view text) {
  if (text.empty() || text.size() > 18 || !std::all_of(text.begin(), text.end(), IsDigit))
    return Fail(Code::kDataLoss, "the HTTP message has a malformed Content-Length");
  std::uint64_t value = 0;
  for (char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

}  // namespace

Result<StatusLine> ParseStatusLine(std::string_view line) {
  auto malformed = [] { return Fail(Code::kDataLoss, "the answer does not start like HTTP"); };
  if (line.size() < 12 || line[8] != ' ') return malformed();
  int minor = MinorVersion(line.substr(0, 8));
  auto digits = line.substr(9, 3);
  bool ended = line.size() == 12 || line[12] == ' ';
  if (minor < 0 || !ended || !std::all_of(digits.begin(), digits.end(), IsDigit) || !IsFieldContent(line))
    return malformed();
  int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  if (status < 100) return malformed();
  return StatusLine{status, minor};
}

Result<RequestLine> ParseRequestLine(std::string_view line) {
  auto first = line.find(' ');
  auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return Fail(Code::kInvalidArgument, "malformed request line");
  RequestLine request{std::string(line.substr(0, first)),
                      std::string(line.substr(first + 1, last - first - 1)),
                      MinorVersion(line.substr(last + 1))};
  bool clean = std::none_of(request.target.begin(), request.target.end(),
                            [](char c) { return c <= ' ' || c == 0x7F || c == '#'; });
  if (!IsToken(request.method) || request.minor < 0 || request.target.empty() || !clean)
    return Fail(Code::kInvalidArgument, "malformed request line");
  return request;
}

Result<http::Headers> ReadFields(BufferedReader& reader, Instant until) {
  http::Headers headers;
  std::size_t total = 0;
  for (int count = 0;; ++count) {
    CAPSTAN_TRY(std::string_view line, reader.Line(kHeadLimit, until));
    if (line.empty()) return headers;
    total += line.size();
    if (count >= kFieldLimit || total > kHeadLimit)
      return Fail(Code::kTooLarge, "the HTTP message has too many headers");
    CAPSTAN_TRY(auto field, ParseField(line));
    headers.Add(field.first, std::move(field.second));
  }
}

Result<BodyFrame> FrameOf(const http::Headers& headers, int minor) {
  const auto contradicts = [](const char* why) { return Fail(Code::kDataLoss, why); };
  std::optional<std::uint64_t> length;
  bool coded = false;
  for (const auto& [name, value] : headers.fields()) {
    coded = coded || EqualsIgnoreCase(name, "Transfer-Encoding");
    if (!EqualsIgnoreCase(name, "Content-Length")) continue;
    if (length) return contradicts("the HTTP message has two Content-Lengths");
    CAPSTAN_TRY(length, ParseLength(value));
  }
  if (coded) {
    if (length) return contradicts("the HTTP message has a Content-Length and a Transfer-Encoding");
    if (minor == 0)
      return contradicts("the HTTP message has a Transfer-Encoding, which HTTP/1.0 does not know");
    if (ListOf(headers, "Transfer-Encoding") != std::vector<std::string>{"chunked"})
      return contradicts("the HTTP message has a Transfer-Encoding other than chunked");
    return BodyFrame{Framing::kChunked, 0};
  }
  if (length) return BodyFrame{Framing::kLength, *length};
  return BodyFrame{Framing::kUntilClose, 0};
}

bool KeepsAlive(const http::Headers& headers, int minor) {
  const auto options = ListOf(headers, "Connection");
  const auto has = [&](const char* option) {
    return std::find(options.begin(), options.end(), option) != options.end();
  };
  return !has("close") && (minor >= 1 || has("keep-alive"));
}

Result<std::string_view> BodyReader::Next(Instant until) {
  if (complete_) return std::string_view();
  switch (frame_.framing) {
    case Framing::kNone:
      break;
    case Framing::kChunked: {
      CAPSTAN_TRY(std::string_view piece, chunks_.Next(until));
      complete_ = piece.empty();
      return piece;
    }
    case Framing::kLength: {
      if (left_ == 0) break;
      if (reader_.held().empty()) {
        CAPSTAN_TRY(bool more, reader_.Fill(until));
        if (!more)
          return Fail(Code::kDataLoss,
                      StrCat("the body was cut: ", frame_.length - left_, " of ", frame_.length, " bytes"));
      }
      auto piece = reader_.held();
      piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
      reader_.Take(piece.size());
      left_ -= piece.size();
      return piece;
    }
    case Framing::kUntilClose: {
      if (reader_.held().empty()) {
        CAPSTAN_TRY(bool more, reader_.Fill(until));
        if (!more) break;
      }
      auto piece = reader_.held();
      reader_.Take(piece.size());
      return piece;
    }
  }
  complete_ = true;
  return std::string_view();
}

}  // namespace capstan::net

// HTTP messages as a client and as a server read them, in pieces of any size; URLs and proxies.
#include <algorithm>
#include <cstring>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/message.hpp>
#include <capstan/core/net/client/dialer.hpp>
#include <capstan/core/net/proxy.hpp>
#include <capstan/core/net/stream/message_reader.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

// Returns `step` bytes at a time; 0: from one to nine.
class Pieces final : public net::ByteSource {
 public:
  Pieces(std::string_view bytes, std::size_t step) : bytes_(bytes), step_(step) {}
  Result<std::size_t> Read(char* to, std::size_t size, Instant) override {
    state_ = state_ * 1103515245U + 12345U;
    const std::size_t wanted = step_ == 0 ? 1 + (state_ >> 16) % 9 : step_;
    const std::size_t count = std::min({wanted, size, bytes_.size()});
    std::memcpy(to, bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  const std::size_t step_;
  unsigned state_ = 7;
};

Status ReadOne(net::BufferedReader& reader, bool server, std::size_t all, std::string& seen) {
  CAPSTAN_TRY(const auto first, reader.Line(net::kHeadLimit, kForever));
  const std::string line(first);
  if (server) {
    CAPSTAN_TRY(const auto request, net::ParseRequestLine(line));
    seen += StrCat(request.method, "|", request.target);
  } else {
    CAPSTAN_TRY(const auto status, net::ParseStatusLine(line));
    seen += StrCat(status.status);
  }
  CAPSTAN_TRY(const auto fields, net::ReadFields(reader, kForever));
  for (const auto& [name, value] : fields.fields()) {
    CAPSTAN_MUST(value.find('\n') == std::string::npos, value);
    CAPSTAN_MUST(name.find_first_of(" \r\n\t:") == std::string::npos, name);
    seen += StrCat(name, "=", value, ";");
  }
  CAPSTAN_TRY(auto frame, net::FrameOf(fields, 1));
  if (server && frame.framing == net::Framing::kUntilClose) frame.framing = net::Framing::kNone;
  net::BodyReader body(reader, frame);
  std::uint64_t got = 0;
  for (;;) {
    CAPSTAN_TRY(const auto piece, body.Next(kForever));
    if (piece.empty()) break;
    seen += piece;
    got += piece.size();
    CAPSTAN_MUST(got <= all, "more than there was");
  }
  CAPSTAN_MUST(body.complete(), "an end that is none");
  CAPSTAN_MUST(frame.framing != net::Framing::kLength || got == frame.length, StrCat(got));
  seen += "#";
  return {};
}

std::string ReadAll(std::string_view bytes, std::size_t step, bool server) {
  Pieces source(bytes, step);
  net::BufferedReader reader(source, std::size_t{1} << 16);
  std::string seen;
  for (int i = 0; i < 4; ++i) {
    if (const Status read = ReadOne(reader, server, bytes.size(), seen); !read)
      return StrCat(seen, "!", CodeName(read.error().code));
  }
  return seen;
}

void Addresses(Input& input) {
  const std::string text(input.rest());
  (void)http::ParseQuery(text);
  (void)net::ParseProxy(text);
  if (const auto url = http::ParseUrl(text)) {
    const auto again = http::ParseUrl(url->ToString());
    CAPSTAN_MUST(again.has_value(), url->ToString());
    CAPSTAN_MUST(again->host == url->host && again->port == url->port && again->target == url->target,
                 url->ToString());
  }
  const std::string host = input.Piece();
  (void)net::NoProxyCovers(std::string(input.rest()), host, 443);
}

}  // namespace

void FuzzMessages(std::string_view bytes) {
  Input input(bytes);
  const unsigned mode = input.Byte();
  if ((mode & 3) == 3) return Addresses(input);
  const bool server = (mode & 1) != 0;
  const std::string whole = ReadAll(input.rest(), input.rest().size() + 1, server);
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{0}}) {
    const std::string pieces = ReadAll(input.rest(), step, server);
    CAPSTAN_MUST(pieces == whole, StrCat("whole: ", whole, "\npieces: ", pieces));
  }
}

}  // namespace capstan::fuzz

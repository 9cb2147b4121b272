#include <capstan/core/net/stream/chunk_reader.hpp>

#include <algorithm>

#include <capstan/core/net/stream/field.hpp>

namespace capstan::net {
namespace {

constexpr std::size_t kLineLimit = 4096;
constexpr int kTrailerLimit = 100;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

// A line of the coding itself. A line that is too long counts as malformed.
Result<std::string_view> ChunkReader::ReadLine(Instant until) {
  auto line = reader_.Line(kLineLimit, until);
  if (!line && line.error().code == Code::kTooLarge) line.error().code = Code::kDataLoss;
  return line;
}

// chunk-size [chunk-ext]: blanks are allowed only around the ';' of an extension.
Status ChunkReader::ReadSize(Instant until) {
  CAPSTAN_TRY(std::string_view line, ReadLine(until));
  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < line.size() && HexValue(line[digits]) >= 0) {
    size = size * 16 + static_cast<std::uint64_t>(HexValue(line[digits]));
    if (++digits > 12) break;
  }
  const auto extension = line.substr(digits);
  const auto begins = extension.find_first_not_of(" \t");
  const bool followed = !extension.empty() && (begins == std::string_view::npos || extension[begins] != ';');
  if (digits == 0 || digits > 12 || followed || !IsFieldContent(extension))
    return Fail(Code::kDataLoss, "the body has a malformed chunk size");
  left_ = size;
  state_ = size > 0 ? State::kData : State::kTrailers;
  return {};
}

Status ChunkReader::ReadDataEnd(Instant until) {
  while (reader_.held().size() < 2) {
    CAPSTAN_TRY(bool more, reader_.Fill(until));
    if (!more) return Fail(Code::kDataLoss, "the body was cut after a chunk");
  }
  if (reader_.held().substr(0, 2) != "\r\n")
    return Fail(Code::kDataLoss, "a chunk of the body is longer than its size");
  reader_.Take(2);
  state_ = State::kSize;
  return {};
}

Result<std::string_view> ChunkReader::Next(Instant until) {
  for (;;) switch (state_) {
      case State::kSize:
        CAPSTAN_RETURN_IF_ERROR(ReadSize(until));
        break;
      case State::kData: {
        if (reader_.held().empty()) {
          CAPSTAN_TRY(bool more, reader_.Fill(until));
          if (!more) return Fail(Code::kDataLoss, "the body was cut within a chunk");
        }
        auto piece = reader_.held();
        piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
        reader_.Take(piece.size());
        left_ -= piece.size();
        if (left_ == 0) state_ = State::kDataEnd;
        return piece;
      }
      case State::kDataEnd:
        CAPSTAN_RETURN_IF_ERROR(ReadDataEnd(until));
        break;
      case State::kTrailers: {
        CAPSTAN_TRY(std::string_view line, ReadLine(until));
        if (++trailer_lines_ > kTrailerLimit) return Fail(Code::kDataLoss, "the body has too many trailers");
        if (!line.empty()) CAPSTAN_RETURN_IF_ERROR(ParseField(line));
        if (line.empty()) state_ = State::kComplete;
        break;
      }
      case State::kComplete:
        return std::string_view();
    }
}

}  // namespace capstan::net

#include <capstan/core/json/text_writer.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include <capstan/core/json/patch.hpp>

namespace capstan::json {
namespace {

unsigned char ByteAt(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool Continues(std::string_view text, std::size_t at) {
  return at < text.size() && (ByteAt(text, at) & 0xC0) == 0x80;
}

// How many bytes the well-formed UTF-8 sequence at `at` has; 0 when there is none (RFC 3629,
// section 4).
std::size_t SequenceLength(std::string_view text, std::size_t at) {
  const unsigned char lead = ByteAt(text, at);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return Continues(text, at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!Continues(text, at + 1) || !Continues(text, at + 2)) return 0;
    const unsigned char second = ByteAt(text, at + 1);
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!Continues(text, at + 1) || !Continues(text, at + 2) || !Continues(text, at + 3)) return 0;
    const unsigned char second = ByteAt(text, at + 1);
    const bool overlong = lead == 0xF0 && second < 0x90;
    const bool beyond = lead == 0xF4 && second >= 0x90;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

void AppendEscape(unsigned char byte, std::string& out) {
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

}  // namespace

void AppendQuoted(std::string_view text, std::string& out) {
  out.reserve(out.size() + text.size() + 2);
  out += '"';
  std::size_t plain = 0;  // where the run of bytes not yet copied starts
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned char byte = ByteAt(text, at);
    const std::size_t length = SequenceLength(text, at);
    if (length > 0 && byte >= 0x20 && byte != '"' && byte != '\\') {
      at += length;
      continue;
    }
    out += text.substr(plain, at - plain);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      AppendEscape(byte, out);
    }
    plain = ++at;
  }
  out += text.substr(plain);
  out += '"';
}

void AppendDouble(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

std::string Quote(std::string_view text) {
  std::string out;
  AppendQuoted(text, out);
  return out;
}

}  // namespace capstan::json

#include <capstan/core/base/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <capstan/core/base/text.hpp>

namespace capstan {
namespace {

void AppendUtf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18)), put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

// Recursive descent over RFC 8259. Stops at the first error.
class Reader {
 public:
  Reader(std::string_view text, int depth) : text_(text), depth_(depth) {}

  Result<Json> Document() {
    CAPSTAN_TRY(Json value, Value(0));
    SkipBlanks();
    if (at_ != text_.size()) return Bad("something follows the end of the document");
    return value;
  }

 private:
  Failure Bad(std::string_view what) const {
    return Fail(Code::kInvalidArgument, StrCat("not JSON at byte ", at_, ": ", what));
  }
  void SkipBlanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool Take(char wanted) {
    SkipBlanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Result<Json> Value(int level) {
    if (level > depth_)
      return Fail(Code::kTooLarge, StrCat("JSON is nested deeper than ", depth_, " levels"));
    SkipBlanks();
    if (at_ >= text_.size()) return Bad("the document ends where a value should stand");
    switch (text_[at_]) {
      case '{':
        return ObjectValue(level);
      case '[':
        return ArrayValue(level);
      case '"': {
        CAPSTAN_TRY(std::string value, String());
        return Json(std::move(value));
      }
      case 't':
        return TakeWord("true") ? Result<Json>(Json(true)) : Bad("an unknown word");
      case 'f':
        return TakeWord("false") ? Result<Json>(Json(false)) : Bad("an unknown word");
      case 'n':
        return TakeWord("null") ? Result<Json>(Json()) : Bad("an unknown word");
      default:
        return Number();
    }
  }

  Result<Json> ObjectValue(int level) {
    ++at_;
    Json object = Json::EmptyObject();
    if (Take('}')) return object;
    do {
      SkipBlanks();
      if (at_ >= text_.size() || text_[at_] != '"') return Bad("a field's name should stand here");
      CAPSTAN_TRY(std::string name, String());
      if (!Take(':')) return Bad("a colon should stand here");
      CAPSTAN_TRY(Json value, Value(level + 1));
      object.Set(std::move(name), std::move(value));
    } while (Take(','));
    if (!Take('}')) return Bad("a comma or } should stand here");
    return object;
  }

  Result<Json> ArrayValue(int level) {
    ++at_;
    Json array = Json::EmptyArray();
    if (Take(']')) return array;
    do {
      CAPSTAN_TRY(Json value, Value(level + 1));
      array.Append(std::move(value));
    } while (Take(','));
    if (!Take(']')) return Bad("a comma or ] should stand here");
    return array;
  }

  Result<std::uint32_t> Hex4() {
    std::uint32_t code = 0;
    if (text_.size() - at_ < 4) return Bad("a \\u escape is cut short");
    const char* begin = text_.data() + at_;
    const auto [end, failure] = std::from_chars(begin, begin + 4, code, 16);
    if (failure != std::errc() || end != begin + 4) return Bad("a \\u escape has no four hexadecimal digits");
    at_ += 4;
    return code;
  }

  Status Escape(std::string& out) {
    if (at_ >= text_.size()) return Bad("a string is cut short");
    const char escape = text_[at_++];
    switch (escape) {
      case '"':
      case '\\':
      case '/':
        out.push_back(escape);
        return {};
      case 'b':
        out.push_back('\b');
        return {};
      case 'f':
        out.push_back('\f');
        return {};
      case 'n':
        out.push_back('\n');
        return {};
      case 'r':
        out.push_back('\r');
        return {};
      case 't':
        out.push_back('\t');
        return {};
      case 'u':
        break;
      default:
        return Bad("an unknown escape in a string");
    }
    CAPSTAN_TRY(std::uint32_t code, Hex4());
    if (code >= 0xDC00 && code <= 0xDFFF) return Bad("half of a surrogate pair");
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (!TakeWord("\\u")) return Bad("half of a surrogate pair");
      CAPSTAN_TRY(const std::uint32_t low, Hex4());
      if (low < 0xDC00 || low > 0xDFFF) return Bad("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    AppendUtf8(out, code);
    return {};
  }

  Result<std::string> String() {
    ++at_;
    std::string out;
    while (at_ < text_.size()) {
      const char next = text_[at_];
      if (next == '"') {
        ++at_;
        return out;
      }
      if (next == '\\') {
        ++at_;
        CAPSTAN_RETURN_IF_ERROR(Escape(out));
        continue;
      }
      if (static_cast<unsigned char>(next) < 0x20) return Bad("a control character in a string");
      const std::size_t length = Utf8Length(text_.substr(at_));
      if (length == 0) return Bad("bytes that are not UTF-8");
      out.append(text_.substr(at_, length));
      at_ += length;
    }
    return Bad("a string is cut short");
  }

  bool Digits() {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > start;
  }

  Result<Json> Number() {
    const std::size_t start = at_;
    TakeWord("-");
    const std::size_t digits = at_;
    if (!Digits()) return Bad("no JSON value starts like this");
    if (text_[digits] == '0' && at_ > digits + 1) return Bad("a number starts with 0");
    bool whole = true;
    if (TakeWord(".")) {
      whole = false;
      if (!Digits()) return Bad("a number ends with its point");
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      whole = false;
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!Digits()) return Bad("a number has an empty exponent");
    }
    const char* begin = text_.data() + start;
    const char* end = text_.data() + at_;
    if (std::int64_t value = 0; whole && std::from_chars(begin, end, value).ec == std::errc())
      return Json(value);
    double value = 0;
    if (std::from_chars(begin, end, value).ec == std::errc()) return Json(value);
    if (!IsTiny({begin, end})) return Bad("a number is out of range");
    return Json(*begin == '-' ? -0.0 : 0.0);
  }

  // Whether a number that does not fit a double is too small rather than too large.
  static bool IsTiny(std::string_view number) {
    const std::size_t mark = number.find_first_of("eE");
    std::int64_t exponent = 0;
    if (mark != std::string_view::npos) {
      std::string_view digits = number.substr(mark + 1);
      const bool negative = digits.front() == '-';
      if (negative || digits.front() == '+') digits.remove_prefix(1);
      // more digits than any document contains
      constexpr std::int64_t kFar = std::int64_t{1} << 40;
      for (const char digit : digits) exponent = std::min(kFar, exponent * 10 + (digit - '0'));
      exponent = negative ? -exponent : exponent;
    }
    // The position of its first significant digit, relative to the decimal point.
    const std::string_view digits = number.substr(0, mark);
    const std::size_t first = digits.find_first_of("123456789");
    if (first == std::string_view::npos) return true;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) < 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_;
};

// The fewest digits that parse back to the same number, in the format of Go and Kubernetes: a whole
// number without a point, and an exponent only for very large or small numbers, without leading
// zeros.
void WriteNumber(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char buffer[40];
  const char* end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t mark = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + mark + (text[mark + 1] == '+' ? 2 : 1), end, exponent);
  const double size = std::fabs(number);
  if (size != 0 && (size < 1e-6 || size >= 1e21)) {
    out.append(text.substr(0, mark + 1)).append(exponent < 0 ? "" : "+").append(std::to_string(exponent));
    return;
  }
  if (text.front() == '-') out += '-';
  std::string digits(text.substr(text.front() == '-' ? 1 : 0, mark - (text.front() == '-' ? 1 : 0)));
  std::erase(digits, '.');
  if (exponent < 0) {
    out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
    return;
  }
  const std::size_t before = static_cast<std::size_t>(exponent) + 1;  // digits before the point
  if (digits.size() <= before) {
    out.append(digits).append(before - digits.size(), '0');
  } else {
    out.append(digits, 0, before).append(".").append(digits, before);
  }
}

// Doubles of this size are whole numbers, whose shortest text, read as an integer, may be another
// one.
constexpr double kWholeNeedsPoint = 9007199254740992.0;  // 2^53

void Write(const Json& value, std::string& out) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_string()) {
    AppendJsonString(value.AsString(), out);
  } else if (value.is_array()) {
    out.push_back('[');
    const char* separator = "";
    for (const Json& item : value.items()) {
      out += separator;
      Write(item, out);
      separator = ",";
    }
    out.push_back(']');
  } else if (value.is_object()) {
    out.push_back('{');
    const char* separator = "";
    for (const Json::Field& field : value.fields()) {
      out += separator;
      AppendJsonString(field.first, out);
      out.push_back(':');
      Write(field.second, out);
      separator = ",";
    }
    out.push_back('}');
  } else if (value == Json(value.AsInteger())) {
    out += std::to_string(value.AsInteger());
  } else if (std::fabs(value.AsNumber()) >= kWholeNeedsPoint) {
    AppendJsonNumber(value.AsNumber(), out);
  } else if (value.is_number()) {
    WriteNumber(value.AsNumber(), out);
  } else {
    out += value.AsBool() ? "true" : "false";
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef", kEscapes = "btn?fr";
  out.reserve(out.size() + text.size() + 2);
  out += '"';
  std::size_t plain = 0;  // start of the bytes not yet copied
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool needs_escape = byte < 0x20 || byte == '"' || byte == '\\';
    const std::size_t length = needs_escape ? 0 : byte < 0x80 ? 1 : Utf8Length(text.substr(at));
    if (length > 0) {
      at += length;
      continue;
    }
    out += text.substr(plain, at - plain);
    if (!needs_escape) {
      out += "\xEF\xBF\xBD";
    } else if (byte >= 0x20) {
      out += {'\\', static_cast<char>(byte)};
    } else if (byte >= '\b' && byte <= '\r' && byte != '\v') {
      out += {'\\', kEscapes[byte - '\b']};
    } else {
      out += "\\u00";
      out += {kHex[byte >> 4], kHex[byte & 15]};
    }
    plain = ++at;
  }
  out += text.substr(plain);
  out += '"';
}

void AppendJsonNumber(double number, std::string& out) {
  const std::size_t begin = out.size();
  WriteNumber(number, out);
  // From 2^63 on whole numbers exceed int64, and servers written in Go read them as doubles.
  constexpr double kWholeBelow = 9223372036854775808.0;
  if (std::fabs(number) < kWholeBelow && out.find_first_of(".en", begin) == std::string::npos) out += ".0";
}

Result<Json> Json::Parse(std::string_view text, int depth) { return Reader(text, depth).Document(); }

std::string Json::ToText() const {
  std::string out;
  Write(*this, out);
  return out;
}

const Json& Json::operator[](std::string_view name) const {
  static const Json kNothing;
  for (const Field& field : fields()) {
    if (field.first == name) return field.second;
  }
  return kNothing;
}

const Json& Json::At(std::string_view pointer) const {
  static const Json kNothing;
  const Json* at = this;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return kNothing;
    pointer.remove_prefix(1);
    std::string name(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(name.size());
    for (std::size_t i = name.find('~'); i != std::string::npos; i = name.find('~', i + 1)) {
      if (name.compare(i, 2, "~1") == 0)
        name.replace(i, 2, "/");
      else if (name.compare(i, 2, "~0") == 0)
        name.replace(i, 2, "~");
    }
    if (!at->is_array()) {
      at = &(*at)[name];
      continue;
    }
    std::size_t index = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (failure != std::errc() || end != name.data() + name.size() || index >= at->items().size())
      return kNothing;
    at = &at->items()[index];
  }
  return *at;
}

std::string Json::AsString(std::string_view otherwise) const {
  const auto* value = std::get_if<std::string>(&value_);
  return value != nullptr ? *value : std::string(otherwise);
}

std::int64_t Json::AsInteger(std::int64_t otherwise) const {
  const auto* value = std::get_if<std::int64_t>(&value_);
  return value != nullptr ? *value : otherwise;
}

double Json::AsNumber(double otherwise) const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*whole);
  const auto* value = std::get_if<double>(&value_);
  return value != nullptr ? *value : otherwise;
}

bool Json::AsBool(bool otherwise) const {
  const auto* value = std::get_if<bool>(&value_);
  return value != nullptr ? *value : otherwise;
}

const Json::Array& Json::items() const {
  static const Array kNone;
  const auto* value = std::get_if<Array>(&value_);
  return value != nullptr ? *value : kNone;
}

const Json::Object& Json::fields() const {
  static const Object kNone;
  const auto* value = std::get_if<Object>(&value_);
  return value != nullptr ? *value : kNone;
}

Json& Json::Set(std::string name, Json value) {
  if (!is_object()) value_ = Object{};
  auto& object = std::get<Object>(value_);
  for (Field& field : object) {
    if (field.first == name) {
      field.second = std::move(value);
      return *this;
    }
  }
  object.emplace_back(std::move(name), std::move(value));
  return *this;
}

Json& Json::Append(Json value) {
  if (!is_array()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

}  // namespace capstan

#include <capstan/core/program/log_line.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

namespace capstan::program {
namespace {

constexpr std::array<const char*, 4> kUpper = {"DEBUG", "INFO", "WARNING", "ERROR"};
constexpr std::array<const char*, 4> kLower = {"debug", "info", "warning", "error"};

// C1 control characters, and characters that break a line or change the text direction, in UTF-8.
bool NeedsEscaping(std::string_view character) {
  if (character.size() == 2) return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
  if (character.size() != 3 || character[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(character[1]),
             third = static_cast<unsigned char>(character[2]);
  return (second == 0x80 && (third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE))) ||
         (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

std::string Unicode(unsigned code) {
  char escaped[8];
  std::snprintf(escaped, sizeof escaped, "\\u%04x", code);
  return escaped;
}

// Escapes control characters and whatever NeedsEscaping covers, as in JSON; bytes that are not
// UTF-8 become U+FFFD. `controls`: also those below 0x20, which json::Quote has escaped already.
std::string Escaped(std::string_view text, bool controls) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    const auto first = static_cast<unsigned char>(character[0]);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (length == 1 && controls && first < 0x20) {
      out += first == '\n' ? "\\n" : first == '\r' ? "\\r" : first == '\t' ? "\\t" : Unicode(first);
    } else if (length == 1 && first == 0x7F) {
      out += Unicode(first);
    } else if (length == 2 && NeedsEscaping(character)) {
      out += Unicode(static_cast<unsigned char>(character[1]));
    } else if (length == 3 && NeedsEscaping(character)) {
      out += Unicode(0x2000U + (static_cast<unsigned>(static_cast<unsigned char>(character[1]) & 0x3F) << 6) +
                     (static_cast<unsigned>(static_cast<unsigned char>(character[2])) & 0x3F));
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

std::string Quoted(std::string_view value) { return Escaped(json::Quote(value), false); }

std::string TextValue(const std::string& value) {
  const bool plain = !value.empty() && IsUtf8(value) && std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != '\\' && c != 0x7F;
  });
  const std::string quoted = Quoted(value);
  return plain && quoted.size() == value.size() + 2 ? value : quoted;
}

// Replaces everything after `mark` up to a blank, quote or separator with ***.
void MaskAfter(std::string& text, std::string_view mark) {
  std::size_t at = 0;
  while ((at = text.find(mark, at)) != std::string::npos) {
    at += mark.size();
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'&,;}", at), text.size());
    if (end > at) text.replace(at, end - at, "***");
  }
}

}  // namespace

std::string OnOneLine(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '\n', ' ');
  return Escaped(spaced, true);
}

namespace {

std::optional<LogLevel> LevelOf(std::string_view name) {
  const auto named = std::find(kLower.begin(), kLower.end(), name);
  if (named == kLower.end()) return std::nullopt;
  return static_cast<LogLevel>(named - kLower.begin());
}

std::string ModuleNames() {
  std::vector<std::string> names(kLogModules.begin(), kLogModules.end());
  return Join(names, ", ");
}

Status ReadModuleLevel(std::string_view pair, LogSettings& settings) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos)
    return Fail(Code::kInvalidArgument,
                StrCat("--log-levels is MODULE=LEVEL[,MODULE=LEVEL...], not \"", Shorten(pair, 100), "\""));
  const std::string_view module = Trim(pair.substr(0, equals)), level = Trim(pair.substr(equals + 1));
  if (std::find(kLogModules.begin(), kLogModules.end(), module) == kLogModules.end())
    return Fail(Code::kInvalidArgument, StrCat("--log-levels: there is no module \"", Shorten(module, 100),
                                               "\"; the modules are ", ModuleNames()));
  const auto least = LevelOf(level);
  if (!least)
    return Fail(Code::kInvalidArgument,
                StrCat("--log-levels: the level of ", module, " is debug, info, warning or error, not \"",
                       Shorten(level, 100), "\""));
  settings.modules[std::string(module)] = *least;
  return {};
}

}  // namespace

Result<LogSettings> ParseLogSettings(const std::string& format, const std::string& level,
                                     const std::string& levels) {
  if (format != "text" && format != "json")
    return Fail(Code::kInvalidArgument, "--log-format is text or json, not \"" + format + "\"");
  const auto least = LevelOf(level);
  if (!least) {
    return Fail(Code::kInvalidArgument,
                "--log-level is debug, info, warning or error, not \"" + level + "\"");
  }
  LogSettings settings;
  settings.json = format == "json";
  settings.least = *least;
  for (const std::string& piece : Split(levels, ',')) {
    if (const std::string_view pair = Trim(piece); !pair.empty())
      CAPSTAN_RETURN_IF_ERROR(ReadModuleLevel(pair, settings));
  }
  return settings;
}

std::string MaskCredentials(std::string text) {
  for (const char* mark :
       {"Bearer ", "bearer ", "token=", "password=", "secret=", "dop_v1_", "doo_v1_", "dor_v1_"}) {
    MaskAfter(text, mark);
  }
  return text;
}

namespace {

// `most`: bytes per text, before escaping.
std::string Format(bool json, LogLevel level, WallTime time, std::string_view message,
                   const std::vector<LogField>& fields, std::size_t most) {
  const auto text = [most](std::string_view full) {
    return Shorten(MaskCredentials(std::string(full)), most);
  };
  if (json) {
    std::string line =
        StrCat("{\"time\":\"", FormatRfc3339Micro(time), "\",\"level\":\"",
               kLower[static_cast<std::size_t>(level)], "\",\"message\":", Quoted(text(message)));
    for (const LogField& field : fields)
      line += StrCat(",", Quoted(field.key), ":", Quoted(text(field.value)));
    return line + "}";
  }
  std::string line = StrCat(FormatRfc3339Micro(time), " ", kUpper[static_cast<std::size_t>(level)], " ",
                            Escaped(text(message), true));
  for (const LogField& field : fields) line += StrCat(" ", field.key, "=", TextValue(text(field.value)));
  return line;
}

}  // namespace

std::string FormatLogLine(bool json, LogLevel level, WallTime time, std::string_view message,
                          const std::vector<LogField>& fields) {
  std::size_t most = kLogLineLimit;
  for (std::string line;; most /= 2) {
    line = Format(json, level, time, message, fields, most);
    if (line.size() <= kLogLineLimit) return line;
    if (most > 8) continue;
    // So many fields that even their names are too long: the first ones matter most.
    return FormatLogLine(json, level, time, message,
                         {fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(fields.size() / 2)});
  }
}

}  // namespace capstan::program

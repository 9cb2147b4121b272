#include <capstan/local/apiserver/schema/pattern/pattern.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <re2/re2.h>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

// A state of the automaton lists up to all instructions, and the hardest texts need as many states
// as there are instructions: RE2 gets 4 bytes * 4096 * 4096 = 64 MB. With less memory RE2 would
// fall back to a search in time text times pattern.
constexpr int kMostInstructions = 4096;
constexpr std::int64_t kMostMemory = std::int64_t{72} << 20;
constexpr std::size_t kDeepestGroups = 1000;  // nesting of groups, as in Go

Failure Refused(std::string_view what, std::string_view about) {
  return Fail(Code::kInvalidArgument, StrCat("error parsing regexp: ", what, ": `", about, "`"));
}

// Rewrites Go's syntax where the RE2 library differs.
Result<std::string> AsRe2(std::string_view source) {
  std::string rewritten;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < source.size(); ++at) {
    const char c = source[at];
    const std::string_view rest = source.substr(at);
    if (rest.substr(0, 2) == "\\Q") {
      const std::size_t end = std::min(source.find("\\E", at), source.size());
      rewritten += source.substr(at, end - at);
      at = end - 1;
      continue;
    }
    if (rest.substr(0, 2) == "\\C") return Refused("invalid escape sequence", "\\C");
    if (c == '\\') {
      rewritten += rest.substr(0, 2);
      ++at;
      continue;
    }
    if (c == '(' && ++depth > kDeepestGroups) return Refused("expression nests too deeply", source);
    if (c == ')' && depth > 0) --depth;
    const bool named = rest.substr(0, 3) == "(?<" && rest.size() > 3 && rest[3] != '=' && rest[3] != '!';
    rewritten += named ? "(?P<" : std::string(1, c);
    if (named) at += 2;
  }
  return rewritten;
}

// Go's text for an error of RE2.
std::string_view GoWords(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    default:
      return "expression too large";
  }
}

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> program) : program_(std::move(program)) {}
Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::Compile(std::string_view source) {
  CAPSTAN_TRY(const std::string text, AsRe2(source));
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kMostMemory);
  auto program = std::make_unique<re2::RE2>(text, options);
  if (!program->ok()) {
    const re2::RE2::ErrorCode code = program->error_code();
    const std::string_view words = GoWords(code);
    return Refused(words, words == "expression too large" ? source : std::string_view(program->error_arg()));
  }
  if (program->ProgramSize() > kMostInstructions) return Refused("expression too large", source);
  return std::shared_ptr<const Pattern>(new Pattern(std::move(program)));
}

bool Pattern::Matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *program_);
}

std::optional<std::string_view> Pattern::Find(std::string_view text, std::size_t from) const {
  re2::StringPiece found;
  if (from > text.size() || !program_->Match(re2::StringPiece(text.data(), text.size()), from, text.size(),
                                             re2::RE2::UNANCHORED, &found, 1)) {
    return std::nullopt;
  }
  return std::string_view(found.data(), found.size());
}

}  // namespace capstan::apiserver

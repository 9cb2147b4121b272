#include <capstan/local/apiserver/schema/pattern/syntax.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

using Range = Pattern::Range;
using Ranges = std::vector<Range>;
using Kind = PatternTree::Kind;

constexpr std::uint32_t kLastRune = 0x10FFFF;
constexpr int kDeepest = 200;       // groups in groups
constexpr int kMostRepeats = 1000;  // Go's limit for {n,m}

struct NamedClass {
  std::string_view name;
  Ranges ranges;
};

const std::vector<NamedClass>& NamedClasses() {
  static const std::vector<NamedClass> classes = {
      {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
      {"alpha", {{'A', 'Z'}, {'a', 'z'}}},
      {"ascii", {{0, 0x7F}}},
      {"blank", {{'\t', '\t'}, {' ', ' '}}},
      {"cntrl", {{0, 0x1F}, {0x7F, 0x7F}}},
      {"digit", {{'0', '9'}}},
      {"graph", {{'!', '~'}}},
      {"lower", {{'a', 'z'}}},
      {"print", {{' ', '~'}}},
      {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
      {"space", {{'\t', '\r'}, {' ', ' '}}},
      {"upper", {{'A', 'Z'}}},
      {"word", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}},
      {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
  };
  return classes;
}

Ranges Negate(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.low < b.low; });
  Ranges rest;
  std::uint32_t from = 0;
  for (const Range& range : ranges) {
    if (range.low > from) rest.push_back({from, range.low - 1});
    from = std::max(from, range.high + 1);
  }
  if (from <= kLastRune) rest.push_back({from, kLastRune});
  return rest;
}

// ASCII letters of the ranges in both cases.
Ranges FoldCase(Ranges ranges) {
  const Ranges as_written = ranges;
  for (const Range& range : as_written) {
    for (std::uint32_t c = std::max<std::uint32_t>(range.low, 'A');
         c <= std::min<std::uint32_t>(range.high, 'z'); ++c) {
      if (c >= 'A' && c <= 'Z') ranges.push_back({c + 32, c + 32});
      if (c >= 'a' && c <= 'z') ranges.push_back({c - 32, c - 32});
    }
  }
  return ranges;
}

// The ranges of \d, \s and \w, and of their upper-case opposites.
std::optional<Ranges> PerlClass(char letter) {
  std::string_view name;
  switch (letter) {
    case 'd':
    case 'D':
      return letter == 'd' ? Ranges{{'0', '9'}} : Negate({{'0', '9'}});
    case 's':
    case 'S': {
      const Ranges blanks = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
      return letter == 's' ? blanks : Negate(blanks);
    }
    case 'w':
    case 'W':
      name = "word";
      break;
    default:
      return std::nullopt;
  }
  for (const NamedClass& known : NamedClasses()) {
    if (known.name == name) return letter == 'w' ? known.ranges : Negate(known.ranges);
  }
  return std::nullopt;
}

class PatternParser final {
 public:
  explicit PatternParser(std::string_view source) : source_(source) {}

  Result<PatternTree> Parse() {
    CAPSTAN_TRY(PatternTree tree, Choice(0));
    if (at_ < source_.size()) return Bad("unexpected )", source_);
    return tree;
  }

 private:
  struct Flags {
    bool fold = false, lines = false, dot_all = false;
  };

  Failure Bad(std::string_view what, std::string_view where) const {
    return Fail(Code::kInvalidArgument, StrCat("error parsing regexp: ", what, ": `", where, "`"));
  }
  bool Done() const { return at_ >= source_.size(); }
  bool Ahead(std::string_view text) const { return source_.substr(at_).substr(0, text.size()) == text; }
  bool Skip(std::string_view text) {
    if (!Ahead(text)) return false;
    at_ += text.size();
    return true;
  }

  Result<PatternTree> Choice(int depth);
  Result<PatternTree> Sequence(int depth);
  Result<PatternTree> Repeated(int depth);
  Result<PatternTree> Atom(int depth);
  Result<PatternTree> Group(int depth);
  Result<PatternTree> ReadFlags(int depth, std::size_t start);
  Result<PatternTree> Class();
  Result<PatternTree> Escape();
  Result<Ranges> ClassItem(std::size_t start);
  Result<std::uint32_t> EscapedRune(std::size_t start);
  Result<bool> Repeat(int& least, int& most);
  std::optional<std::pair<int, int>> Counts();

  PatternTree Set(Ranges ranges) const {
    PatternTree tree;
    tree.kind = Kind::kRanges;
    tree.ranges = flags_.fold ? FoldCase(std::move(ranges)) : std::move(ranges);
    return tree;
  }
  static PatternTree Assert(Pattern::Step step) {
    PatternTree tree;
    tree.kind = Kind::kAssert;
    tree.assertion = step;
    return tree;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  Flags flags_;
};

Result<PatternTree> PatternParser::Choice(int depth) {
  if (depth > kDeepest) return Bad("expression nests too deeply", source_);
  PatternTree tree;
  tree.kind = Kind::kChoice;
  do {
    CAPSTAN_TRY(PatternTree part, Sequence(depth));
    tree.parts.push_back(std::move(part));
  } while (Skip("|"));
  if (tree.parts.size() == 1) return PatternTree(std::move(tree.parts.front()));
  return tree;
}

Result<PatternTree> PatternParser::Sequence(int depth) {
  PatternTree tree;
  tree.kind = Kind::kSequence;
  while (!Done() && !Ahead("|") && !Ahead(")")) {
    if (Skip("\\Q")) {  // literal text up to \E
      while (!Done() && !Skip("\\E")) {
        const std::uint32_t rune = NextRune(source_, at_);
        tree.parts.push_back(Set({{rune, rune}}));
      }
      continue;
    }
    CAPSTAN_TRY(PatternTree part, Repeated(depth));
    tree.parts.push_back(std::move(part));
  }
  return tree;
}

// "{2}", "{2,}", "{2,3}" ahead, or nothing and no move: then the brace is a character like any
// other.
std::optional<std::pair<int, int>> PatternParser::Counts() {
  std::size_t at = at_ + 1;
  const auto number = [&]() -> std::optional<int> {
    int value = 0;
    const std::size_t start = at;
    for (; at < source_.size() && source_[at] >= '0' && source_[at] <= '9'; ++at) {
      value = std::min(value * 10 + (source_[at] - '0'), 100'000);
    }
    return at == start ? std::nullopt : std::optional<int>(value);
  };
  const std::optional<int> least = number();
  if (!least || at >= source_.size()) return std::nullopt;
  int most = *least;
  if (source_[at] == ',') {
    ++at;
    most = number().value_or(-1);
  }
  if (at >= source_.size() || source_[at] != '}') return std::nullopt;
  at_ = at + 1;
  return std::pair(*least, most);
}

Result<bool> PatternParser::Repeat(int& least, int& most) {
  const std::size_t start = at_;
  if (Skip("*")) {
    least = 0, most = -1;
  } else if (Skip("+")) {
    least = 1, most = -1;
  } else if (Skip("?")) {
    least = 0, most = 1;
  } else if (Ahead("{")) {
    const auto counts = Counts();
    if (!counts) return false;
    least = counts->first, most = counts->second;
    if (least > kMostRepeats || most > kMostRepeats || (most >= 0 && least > most)) {
      return Bad("invalid repeat count", source_.substr(start, at_ - start));
    }
  } else {
    return false;
  }
  Skip("?");  // lazy or greedy makes no difference to whether it matches
  return true;
}

Result<PatternTree> PatternParser::Repeated(int depth) {
  CAPSTAN_TRY(PatternTree tree, Atom(depth));
  const std::size_t start = at_;
  for (int times = 0;; ++times) {
    PatternTree repeat;
    CAPSTAN_TRY(const bool repeated, Repeat(repeat.least, repeat.most));
    if (!repeated) return tree;
    if (times > 0) return Bad("invalid nested repetition operator", source_.substr(start, at_ - start));
    repeat.kind = Kind::kRepeat;
    repeat.parts.push_back(std::move(tree));
    tree = std::move(repeat);
  }
}

Result<PatternTree> PatternParser::Atom(int depth) {
  const std::size_t start = at_;
  switch (source_[at_]) {
    case '(':
      ++at_;
      return Group(depth);
    case '[':
      return Class();
    case '\\':
      return Escape();
    case '.':
      ++at_;
      return Set(flags_.dot_all ? Ranges{{0, kLastRune}} : Negate({{'\n', '\n'}}));
    case '^':
      ++at_;
      return Assert(flags_.lines ? Pattern::Step::kLineBegin : Pattern::Step::kBegin);
    case '$':
      ++at_;
      return Assert(flags_.lines ? Pattern::Step::kLineEnd : Pattern::Step::kEnd);
    default:
      break;
  }
  int least = 0, most = 0;
  if (Ahead("*") || Ahead("+") || Ahead("?") || Ahead("{")) {
    CAPSTAN_TRY(const bool repeated, Repeat(least, most));
    if (repeated) return Bad("missing argument to repetition operator", source_.substr(start, at_ - start));
  }
  const std::uint32_t rune = NextRune(source_, at_);
  return Set({{rune, rune}});
}

Result<PatternTree> PatternParser::Group(int depth) {
  const std::size_t start = at_ - 1;
  const Flags outside = flags_;
  if (Skip("?P<") || (Ahead("?<") && !Ahead("?<=") && !Ahead("?<!") && Skip("?<"))) {
    const std::size_t end = source_.find('>', at_);
    if (end == std::string_view::npos || end == at_)
      return Bad("invalid named capture", source_.substr(start));
    at_ = end + 1;
  } else if (Skip("?")) {
    return ReadFlags(depth, start);
  }
  CAPSTAN_TRY(PatternTree tree, Choice(depth + 1));
  if (!Skip(")")) return Bad("missing closing )", source_);
  flags_ = outside;
  return tree;
}

// Behind "(?": letters, then ":" and a group, or ")" and the flags hold for what follows.
Result<PatternTree> PatternParser::ReadFlags(int depth, std::size_t start) {
  const Flags outside = flags_;
  bool on = true;
  for (; !Done(); ++at_) {
    switch (source_[at_]) {
      case 'i':
        flags_.fold = on;
        break;
      case 'm':
        flags_.lines = on;
        break;
      case 's':
        flags_.dot_all = on;
        break;
      case 'U':
        break;
      case '-':
        on = false;
        break;
      case ')':
        ++at_;
        return PatternTree{};
      case ':': {
        ++at_;
        CAPSTAN_TRY(PatternTree tree, Choice(depth + 1));
        if (!Skip(")")) return Bad("missing closing )", source_);
        flags_ = outside;
        return tree;
      }
      default:
        return Bad("invalid or unsupported Perl syntax", source_.substr(start, at_ + 1 - start));
    }
  }
  return Bad("missing closing )", source_);
}

Result<std::uint32_t> PatternParser::EscapedRune(std::size_t start) {
  if (Done()) return Bad("trailing backslash at end of expression", "");
  const char c = source_[at_];
  const auto bad = [&]() { return Bad("invalid escape sequence", source_.substr(start, at_ - start)); };
  constexpr std::array<std::pair<char, std::uint32_t>, 6> kControls = {
      {{'a', 7}, {'f', '\f'}, {'t', '\t'}, {'n', '\n'}, {'r', '\r'}, {'v', '\v'}}};
  for (const auto& [letter, rune] : kControls) {
    if (c == letter) return ++at_, rune;
  }
  if (c == 'x') {
    ++at_;
    const bool braces = Skip("{");
    std::uint32_t rune = 0;
    std::size_t digits = 0;
    for (; !Done() && std::isxdigit(static_cast<unsigned char>(source_[at_])) && (braces || digits < 2);
         ++at_, ++digits) {
      const char digit = source_[at_];
      rune = rune * 16 + static_cast<std::uint32_t>(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
      if (rune > kLastRune) return bad();
    }
    if (digits == 0 || (!braces && digits < 2) || (braces && !Skip("}"))) return bad();
    return rune;
  }
  if (c == '0') {
    std::uint32_t rune = 0;
    for (int digits = 0; digits < 3 && !Done() && source_[at_] >= '0' && source_[at_] <= '7';
         ++digits, ++at_) {
      rune = rune * 8 + static_cast<std::uint32_t>(source_[at_] - '0');
    }
    return rune;
  }
  const std::uint32_t rune = NextRune(source_, at_);
  if (rune < 0x80 && !std::isalnum(static_cast<int>(rune))) return rune;
  return bad();
}

Result<PatternTree> PatternParser::Escape() {
  const std::size_t start = at_++;
  if (Done()) return Bad("trailing backslash at end of expression", "");
  const char c = source_[at_];
  if (auto ranges = PerlClass(c)) return ++at_, Set(std::move(*ranges));
  switch (c) {
    case 'A':
      ++at_;
      return Assert(Pattern::Step::kBegin);
    case 'z':
      ++at_;
      return Assert(Pattern::Step::kEnd);
    case 'b':
      ++at_;
      return Assert(Pattern::Step::kWord);
    case 'B':
      ++at_;
      return Assert(Pattern::Step::kNotWord);
    case 'p':
    case 'P':
      return Bad("classes of Unicode properties are not supported by this server", source_.substr(start, 2));
    default:
      break;
  }
  CAPSTAN_TRY(const std::uint32_t rune, EscapedRune(start));
  return Set({{rune, rune}});
}

// One item of [...]: a named class, an escape, a character or a range of characters.
Result<Ranges> PatternParser::ClassItem(std::size_t start) {
  if (Ahead("[:")) {
    const std::size_t end = source_.find(":]", at_ + 2);
    if (end != std::string_view::npos) {
      std::string_view name = source_.substr(at_ + 2, end - at_ - 2);
      const std::string_view whole = source_.substr(at_, end + 2 - at_);
      at_ = end + 2;
      const bool negated = !name.empty() && name.front() == '^';
      if (negated) name.remove_prefix(1);
      for (const NamedClass& known : NamedClasses()) {
        if (known.name == name) return negated ? Negate(known.ranges) : known.ranges;
      }
      return Bad("invalid character class range", whole);
    }
  }
  const std::size_t from = at_;
  const auto rune_here = [&]() -> Result<std::uint32_t> {
    if (Done()) return Bad("missing closing ]", source_.substr(start));
    const std::size_t escape = at_;
    if (Skip("\\")) return EscapedRune(escape);
    return NextRune(source_, at_);
  };
  if (Ahead("\\") && at_ + 1 < source_.size()) {
    if (auto ranges = PerlClass(source_[at_ + 1])) return at_ += 2, std::move(*ranges);
    if (source_[at_ + 1] == 'p' || source_[at_ + 1] == 'P')
      return Escape().map([](auto&&) { return Ranges{}; });
  }
  CAPSTAN_TRY(const std::uint32_t low, rune_here());
  if (!Ahead("-") || Ahead("-]")) return Ranges{{low, low}};
  ++at_;
  CAPSTAN_TRY(const std::uint32_t high, rune_here());
  if (high < low) return Bad("invalid character class range", source_.substr(from, at_ - from));
  return Ranges{{low, high}};
}

Result<PatternTree> PatternParser::Class() {
  const std::size_t start = at_++;
  const bool negated = Skip("^");
  Ranges ranges;
  bool first = true;
  while (first || !Ahead("]")) {
    if (Done()) return Bad("missing closing ]", source_.substr(start));
    first = false;
    CAPSTAN_TRY(const Ranges item, ClassItem(start));
    ranges.insert(ranges.end(), item.begin(), item.end());
  }
  ++at_;
  if (flags_.fold) ranges = FoldCase(std::move(ranges));
  PatternTree tree;
  tree.kind = Kind::kRanges;
  tree.ranges = negated ? Negate(std::move(ranges)) : std::move(ranges);
  return tree;
}

}  // namespace

std::uint32_t NextRune(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = byte(at++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 && lead < 0xF5 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (more == 0 || lead >= 0xF5) return 0xFFFD;
  std::uint32_t rune = lead & (0x3FU >> more);
  std::size_t next = at;
  for (int i = 0; i < more; ++i, ++next) {
    if (next >= text.size() || (byte(next) & 0xC0U) != 0x80U) return 0xFFFD;
    rune = rune << 6U | (byte(next) & 0x3FU);
  }
  at = next;
  return rune;
}

Result<PatternTree> ParsePattern(std::string_view source) { return PatternParser(source).Parse(); }

}  // namespace capstan::apiserver

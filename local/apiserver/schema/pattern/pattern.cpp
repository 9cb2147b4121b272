#include <capstan/local/apiserver/schema/pattern/pattern.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/pattern/syntax.hpp>

namespace capstan::apiserver {
namespace {

using State = Pattern::State;
using Step = Pattern::Step;

constexpr std::size_t kMostStates = 10'000;

// Writes the states of a tree one behind the other; each part ends where the next begins.
class Emitter final {
 public:
  bool Emit(const PatternTree& tree);
  std::vector<State> Take() && { return std::move(states_); }

 private:
  std::uint32_t Here() const { return static_cast<std::uint32_t>(states_.size()); }
  std::uint32_t Add(State state) {
    states_.push_back(std::move(state));
    return Here() - 1;
  }
  bool EmitChoice(const PatternTree& tree);
  bool EmitRepeat(const PatternTree& tree);

  std::vector<State> states_;
};

bool Emitter::EmitChoice(const PatternTree& tree) {
  std::vector<std::uint32_t> jumps;
  for (std::size_t i = 0; i < tree.parts.size(); ++i) {
    const bool last = i + 1 == tree.parts.size();
    const std::uint32_t split = last ? 0 : Add({Step::kSplit, Here() + 1, 0});
    if (!Emit(tree.parts[i])) return false;
    if (last) break;
    jumps.push_back(Add({Step::kJump}));
    states_[split].other = Here();
  }
  for (const std::uint32_t jump : jumps) states_[jump].next = Here();
  return true;
}

bool Emitter::EmitRepeat(const PatternTree& tree) {
  const PatternTree& part = tree.parts.front();
  for (int i = 0; i < tree.least; ++i) {
    if (!Emit(part)) return false;
  }
  if (tree.most < 0) {
    const std::uint32_t split = Add({Step::kSplit, Here() + 1, 0});
    if (!Emit(part)) return false;
    Add({Step::kJump, split});
    states_[split].other = Here();
    return true;
  }
  std::vector<std::uint32_t> splits;
  for (int i = tree.least; i < tree.most; ++i) {
    splits.push_back(Add({Step::kSplit, Here() + 1, 0}));
    if (!Emit(part)) return false;
  }
  for (const std::uint32_t split : splits) states_[split].other = Here();
  return true;
}

bool Emitter::Emit(const PatternTree& tree) {
  if (states_.size() > kMostStates) return false;
  switch (tree.kind) {
    case PatternTree::Kind::kEmpty:
      return true;
    case PatternTree::Kind::kRanges:
      Add({Step::kRanges, Here() + 1, 0, tree.ranges});
      return true;
    case PatternTree::Kind::kAssert:
      Add({tree.assertion, Here() + 1});
      return true;
    case PatternTree::Kind::kSequence:
      return std::all_of(tree.parts.begin(), tree.parts.end(),
                         [&](const PatternTree& part) { return Emit(part); });
    case PatternTree::Kind::kChoice:
      return EmitChoice(tree);
    case PatternTree::Kind::kRepeat:
      return EmitRepeat(tree);
  }
  return false;
}

constexpr std::uint32_t kNone = 0xFFFFFFFF;  // before the first rune, behind the last

bool IsWord(std::uint32_t rune) {
  return (rune >= '0' && rune <= '9') || (rune >= 'A' && rune <= 'Z') || (rune >= 'a' && rune <= 'z') ||
         rune == '_';
}

// Whether an assertion holds between two runes.
bool Holds(Step step, std::uint32_t before, std::uint32_t after) {
  switch (step) {
    case Step::kBegin:
      return before == kNone;
    case Step::kEnd:
      return after == kNone;
    case Step::kLineBegin:
      return before == kNone || before == '\n';
    case Step::kLineEnd:
      return after == kNone || after == '\n';
    case Step::kWord:
      return IsWord(before) != IsWord(after);
    case Step::kNotWord:
      return IsWord(before) == IsWord(after);
    default:
      return true;
  }
}

// The states the machine may be in at one place of the text.
class Front final {
 public:
  explicit Front(std::size_t size) : mark_(size, 0) {}

  // Adds a state and all that it leads to without a rune. True when the end of the pattern is among
  // them.
  bool Add(const std::vector<State>& states, std::uint32_t first, std::uint32_t before, std::uint32_t after) {
    waiting_.assign(1, first);
    while (!waiting_.empty()) {
      const std::uint32_t at = waiting_.back();
      waiting_.pop_back();
      if (mark_[at] == round_) continue;
      mark_[at] = round_;
      const State& state = states[at];
      switch (state.step) {
        case Step::kMatch:
          return true;
        case Step::kRanges:
          list_.push_back(at);
          break;
        case Step::kSplit:
          waiting_.push_back(state.other);
          [[fallthrough]];
        case Step::kJump:
          waiting_.push_back(state.next);
          break;
        default:
          if (Holds(state.step, before, after)) waiting_.push_back(state.next);
      }
    }
    return false;
  }
  const std::vector<std::uint32_t>& list() const { return list_; }
  void Clear() {
    list_.clear();
    ++round_;
  }

 private:
  std::vector<std::uint32_t> list_, waiting_;
  std::vector<std::uint64_t> mark_;
  std::uint64_t round_ = 1;
};

bool Contains(const std::vector<Pattern::Range>& ranges, std::uint32_t rune) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [rune](const Pattern::Range& range) { return rune >= range.low && rune <= range.high; });
}

}  // namespace

Result<std::shared_ptr<const Pattern>> Pattern::Compile(std::string_view source) {
  CAPSTAN_TRY(const PatternTree tree, ParsePattern(source));
  Emitter emitter;
  if (!emitter.Emit(tree)) {
    return Fail(Code::kInvalidArgument, StrCat("error parsing regexp: expression too large: `", source, "`"));
  }
  std::vector<State> states = std::move(emitter).Take();
  states.push_back({Step::kMatch});
  return std::shared_ptr<const Pattern>(new Pattern(std::move(states)));
}

bool Pattern::Matches(std::string_view text) const {
  Front now(states_.size()), next(states_.size());
  std::size_t at = 0;
  std::uint32_t before = kNone;
  std::uint32_t rune = text.empty() ? kNone : NextRune(text, at);
  while (true) {
    // A match may begin anywhere, so the start is among the states at every place.
    if (now.Add(states_, 0, before, rune)) return true;
    if (rune == kNone) return false;
    const std::uint32_t after = at < text.size() ? NextRune(text, at) : kNone;
    next.Clear();
    for (const std::uint32_t state : now.list()) {
      if (Contains(states_[state].ranges, rune) && next.Add(states_, states_[state].next, rune, after))
        return true;
    }
    std::swap(now, next);
    before = rune;
    rune = after;
  }
}

}  // namespace capstan::apiserver

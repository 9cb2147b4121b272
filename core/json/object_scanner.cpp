#include <capstan/core/json/object_scanner.hpp>

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <capstan/core/json/brackets/brackets.hpp>
#include <capstan/core/json/object_text.hpp>
#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {
namespace {

// Larger buffers are freed: one huge object must not cost its size for ever.
constexpr std::size_t kKeep = std::size_t{1} << 20;

constexpr std::string_view kManagedFields = "\"managedFields\"";

// Tells for positions in a text, in ascending order, whether they are directly inside the
// document's "metadata" object. Mismatched brackets are detected by the parser. One pass for all
// positions, because an object may contain the name any number of times.
class MetadataFinder {
 public:
  explicit MetadataFinder(std::string_view text) : text_(text) {}
  bool Holds(std::size_t place) {
    WalkBrackets(text_.substr(0, place), walked_, string_, [&](char bracket, std::size_t behind) {
      const bool opens = bracket == '{' || bracket == '[';
      depth_ += opens ? 1 : -1;
      if (opens && depth_ == 2) opened_ = behind - 1;
      return true;
    });
    walked_ = place;
    if (string_.in_string || depth_ != 2) return false;
    if (opened_ != judged_) {
      judged_ = opened_;
      is_metadata_ = text_[opened_] == '{' && IsNamedMetadata(opened_);
    }
    return is_metadata_;
  }

 private:
  bool IsNamedMetadata(std::size_t value) const {
    const std::size_t colon = text_.find_last_not_of(kBlank, value - 1);
    if (colon == std::string_view::npos || colon == 0 || text_[colon] != ':') return false;
    const std::size_t end = text_.find_last_not_of(kBlank, colon - 1);
    return end != std::string_view::npos && text_.substr(0, end + 1).ends_with("\"metadata\"");
  }

  const std::string_view text_;
  StringState string_;
  std::size_t walked_ = 0;
  int depth_ = 0;
  std::size_t opened_ = 0;                       // start of the value at depth 2
  std::size_t judged_ = std::string_view::npos;  // the last one examined
  bool is_metadata_ = false;
};

// string_view::find stops at each quote; this advances by the length of the pattern.
std::size_t FindManagedFields(std::string_view text, std::size_t from) {
  const void* found =
      ::memmem(text.data() + from, text.size() - from, kManagedFields.data(), kManagedFields.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// The position after the bracket that closes the one at `at`; nothing if there is none.
std::optional<std::size_t> BehindNested(std::string_view text, std::size_t at) {
  StringState string;
  int depth = 0;
  const std::size_t end = WalkBrackets(text, at, string, [&](char bracket, std::size_t) {
    depth += bracket == '{' || bracket == '[' ? 1 : -1;
    return depth > 0;
  });
  return depth == 0 ? std::optional<std::size_t>(end) : std::nullopt;
}

}  // namespace

struct ObjectScanner::State {
  simdjson::dom::parser dom;
  std::size_t capacity = 0;  // of dom
  std::string padded;
  Metadata metadata;
  std::vector<TextSpan> found;

  // Removes managedFields, half of many objects, from the padded text before parsing. Returns the
  // remaining size.
  Result<std::size_t> Cut(std::size_t size);
};

ObjectScanner::ObjectScanner() : state_(std::make_unique<State>()) {}
ObjectScanner::~ObjectScanner() = default;

void ObjectScanner::Trim() { state_ = std::make_unique<State>(); }

Result<std::size_t> ObjectScanner::State::Cut(std::size_t size) {
  const std::string_view text = std::string_view(padded).substr(0, size);
  MetadataFinder metadata(text);
  found.clear();
  for (std::size_t from = 0;;) {
    const std::size_t key = FindManagedFields(text, from);
    if (key == std::string_view::npos) break;
    from = key + kManagedFields.size();
    if (!metadata.Holds(key)) continue;
    std::size_t begin = text.find_first_not_of(kBlank, from);
    // a string value, not a key
    if (begin == std::string_view::npos || text[begin] != ':') continue;
    begin = text.find_first_not_of(kBlank, begin + 1);
    if (begin == std::string_view::npos) return size;
    if (text[begin] != '[')
      return Fail(Code::kDataLoss, "the object's metadata.managedFields is not an array");
    const auto end = BehindNested(text, begin);
    if (!end) return size;
    found.push_back({key, *end});
    from = *end;
  }
  if (found.empty()) return size;
  TakeOut(padded, found);  // the padding is blanks, and belongs to no member
  return padded.size() - simdjson::SIMDJSON_PADDING;
}

Result<ObjectScanner::Scanned> ObjectScanner::Scan(std::string_view object) {
  if (state_->padded.capacity() > kKeep && object.size() < kKeep) Trim();
  State& state = *state_;
  state.padded.assign(object);
  state.padded.append(simdjson::SIMDJSON_PADDING, ' ');
  const auto cut = state.Cut(object.size());
  // on failure the parser below gives a better error
  const std::size_t size = cut.value_or(object.size());
  if (size > state.capacity) {
    const std::size_t capacity = std::max<std::size_t>(2 * size, 4096);
    if (const auto error = state.dom.allocate(capacity, SimdjsonDepth(kObjectDepth)); error) {
      return FailedText(error, Code::kDataLoss, "the object");
    }
    state.capacity = capacity;
  }
  simdjson::dom::element root;
  auto error = state.dom.parse(state.padded.data(), size, false).get(root);
  if (error == simdjson::NUMBER_ERROR) {
    // Numbers beyond 64 bits: only the metadata is parsed, and the text is unchanged.
    error = ParseDom(state.dom, std::string_view(state.padded).substr(0, size), kObjectDepth, root);
    state.capacity = state.dom.capacity();
  }
  if (error) return FailedText(error, Code::kDataLoss, "the object");
  CAPSTAN_RETURN_IF_ERROR(ReadMetadata(root, state.metadata));
  if (!cut) return Fail(cut.error());
  return Scanned{state.metadata, std::string_view(state.padded).substr(0, size)};
}

}  // namespace capstan::json

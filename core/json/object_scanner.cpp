#include <capstan/core/json/object_scanner.hpp>

#include <capstan/core/json/object_text.hpp>
#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {
namespace {

// Buffers beyond this are not kept: one huge object must not cost its size for ever.
constexpr std::size_t kKeep = std::size_t{1} << 20;

}  // namespace

struct ObjectScanner::State {
  simdjson::dom::parser dom;
  simdjson::ondemand::parser ondemand;
  std::size_t capacity = 0;  // of dom
  std::string padded;

  Result<std::size_t> Cut(std::size_t size);
};

ObjectScanner::ObjectScanner() : state_(std::make_unique<State>()) {}
ObjectScanner::~ObjectScanner() = default;

void ObjectScanner::Trim() { state_ = std::make_unique<State>(); }

// Cuts managedFields out of the padded text, before what is kept is read: it is half of many objects. The
// size that is left.
Result<std::size_t> ObjectScanner::State::Cut(std::size_t size) {
  const std::string_view text = std::string_view(padded).substr(0, size);
  if (text.find("\"managedFields\"") == std::string_view::npos) return size;
  simdjson::ondemand::document document;
  if (const auto error = ondemand.iterate(padded.data(), size, padded.size()).get(document); error) {
    return FailedText(error, Code::kDataLoss, "the object");
  }
  CAPSTAN_TRY(const auto span, ManagedFieldsSpan(document, text));
  if (!span) return size;
  padded.erase(span->begin, span->end - span->begin);
  return size - (span->end - span->begin);
}

Result<ObjectScanner::Scanned> ObjectScanner::Scan(std::string_view object) {
  if (state_->padded.capacity() > kKeep && object.size() < kKeep) Trim();
  State& state = *state_;
  state.padded.assign(object);
  state.padded.append(simdjson::SIMDJSON_PADDING, ' ');
  const auto cut = state.Cut(object.size());
  const std::size_t size = cut.value_or(object.size());  // where it fails the reading knows better why
  if (size > state.capacity) {
    const std::size_t capacity = std::max<std::size_t>(2 * size, 4096);
    if (const auto error = state.dom.allocate(capacity, SimdjsonDepth(kObjectDepth)); error) {
      return FailedText(error, Code::kDataLoss, "the object");
    }
    state.capacity = capacity;
  }
  simdjson::dom::element root;
  if (const auto error = state.dom.parse(state.padded.data(), size, false).get(root); error) {
    return FailedText(error, Code::kDataLoss, "the object");
  }
  CAPSTAN_TRY(Metadata metadata, MetadataOf(root));
  if (!cut) return Fail(cut.error());
  return Scanned{std::move(metadata), std::string_view(state.padded).substr(0, size)};
}

}  // namespace capstan::json

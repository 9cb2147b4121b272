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
};

ObjectScanner::ObjectScanner() : state_(std::make_unique<State>()) {}
ObjectScanner::~ObjectScanner() = default;

void ObjectScanner::Trim() { state_ = std::make_unique<State>(); }

Result<ObjectScanner::Scanned> ObjectScanner::Scan(std::string_view object) {
  if (state_->padded.capacity() > kKeep && object.size() < kKeep) Trim();
  State& state = *state_;
  state.padded.assign(object);
  state.padded.append(simdjson::SIMDJSON_PADDING, ' ');
  if (object.size() > state.capacity) {
    const std::size_t capacity = std::max<std::size_t>(2 * object.size(), 4096);
    if (const auto error = state.dom.allocate(capacity, SimdjsonDepth(kObjectDepth)); error) {
      return FailedText(error, Code::kDataLoss, "the object");
    }
    state.capacity = capacity;
  }
  simdjson::dom::element root;
  if (const auto error = state.dom.parse(state.padded.data(), object.size(), false).get(root); error) {
    return FailedText(error, Code::kDataLoss, "the object");
  }
  CAPSTAN_TRY(Metadata metadata, MetadataOf(root));
  Scanned scanned{std::move(metadata), std::string_view(state.padded).substr(0, object.size())};
  if (object.find("\"managedFields\"") == std::string_view::npos) return scanned;
  simdjson::ondemand::document document;
  if (const auto error =
          state.ondemand.iterate(state.padded.data(), object.size(), state.padded.size()).get(document);
      error) {
    return FailedText(error, Code::kDataLoss, "the object");
  }
  CAPSTAN_TRY(const auto span, ManagedFieldsSpan(document, scanned.text));
  if (!span) return scanned;
  state.padded.erase(span->begin, span->end - span->begin);
  scanned.text = std::string_view(state.padded).substr(0, object.size() - (span->end - span->begin));
  return scanned;
}

}  // namespace capstan::json

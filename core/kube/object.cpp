#include <capstan/core/kube/object.hpp>

#include <algorithm>
#include <utility>

namespace capstan::kube {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::optional<std::string_view> FindValue(const Pairs& pairs, std::string_view key) {
  const auto found =
      std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == key; });
  if (found == pairs.end()) return std::nullopt;
  return found->second;
}

// The document was parsed when the Object was made: only the value itself is parsed again.
template <class T>
std::optional<T> ReadAt(std::string_view document, std::string_view pointer,
                        Result<std::optional<T>> (*read)(std::string_view, std::string_view)) {
  const auto text = json::FindInParsed(document, pointer);
  if (!text) return std::nullopt;
  auto value = read(*text, "");
  return value ? std::move(*value) : std::nullopt;
}

}  // namespace

Result<Object> Object::Parse(std::string json) {
  CAPSTAN_TRY(auto metadata, json::ScanMetadata(json));
  auto content = std::make_shared<Content>(std::move(json));
  content->metadata.store(new json::Metadata(std::move(metadata)), std::memory_order_relaxed);
  return Object(std::move(content));
}

Object Object::Parsed(std::string json) { return Object(std::make_shared<const Content>(std::move(json))); }

const json::Metadata& Object::metadata() const {
  const json::Metadata* known = content_->metadata.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  auto read =
      std::make_unique<const json::Metadata>(json::ScanMetadata(content_->json).value_or(json::Metadata()));
  // Two threads may read it at the same time; the first one's is kept.
  if (!content_->metadata.compare_exchange_strong(known, read.get(), std::memory_order_acq_rel))
    return *known;
  return *read.release();
}

bool Object::HasFinalizer(std::string_view finalizer) const {
  const auto& all = metadata().finalizers;
  return std::find(all.begin(), all.end(), finalizer) != all.end();
}

std::optional<std::string_view> Object::Label(std::string_view key) const {
  return FindValue(metadata().labels, key);
}
std::optional<std::string_view> Object::Annotation(std::string_view key) const {
  return FindValue(metadata().annotations, key);
}

std::optional<std::string> Object::ValueAt(std::string_view pointer) const {
  return ReadAt(json(), pointer, json::ValueAt);
}
std::optional<std::string> Object::StringAt(std::string_view pointer) const {
  const auto text = json::FindInParsed(json(), pointer);
  if (!text || text->size() < 2 || text->front() != '"') return std::nullopt;
  if (text->find('\\') == std::string_view::npos) return std::string(text->substr(1, text->size() - 2));
  auto value = json::StringAt(*text, "");
  return value ? std::move(*value) : std::nullopt;
}
std::optional<std::int64_t> Object::IntegerAt(std::string_view pointer) const {
  return ReadAt(json(), pointer, json::IntegerAt);
}
std::optional<bool> Object::BooleanAt(std::string_view pointer) const {
  return ReadAt(json(), pointer, json::BooleanAt);
}

}  // namespace capstan::kube

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

template <class T>
std::optional<T> OrNothing(Result<std::optional<T>> result) {
  return result ? std::move(*result) : std::nullopt;
}

}  // namespace

Object::Object(std::shared_ptr<const std::string> json, std::shared_ptr<const json::Metadata> metadata)
    : json_(std::move(json)), metadata_(std::move(metadata)) {}

Result<Object> Object::Parse(std::string json) {
  CAPSTAN_TRY(auto metadata, json::ScanMetadata(json));
  return Object(std::make_shared<const std::string>(std::move(json)),
                std::make_shared<const json::Metadata>(std::move(metadata)));
}

bool Object::HasFinalizer(std::string_view finalizer) const {
  const auto& all = metadata_->finalizers;
  return std::find(all.begin(), all.end(), finalizer) != all.end();
}

std::optional<std::string_view> Object::Label(std::string_view key) const {
  return FindValue(metadata_->labels, key);
}
std::optional<std::string_view> Object::Annotation(std::string_view key) const {
  return FindValue(metadata_->annotations, key);
}

std::optional<std::string> Object::ValueAt(std::string_view pointer) const {
  return OrNothing(json::ValueAt(*json_, pointer));
}
std::optional<std::string> Object::StringAt(std::string_view pointer) const {
  return OrNothing(json::StringAt(*json_, pointer));
}
std::optional<std::int64_t> Object::IntegerAt(std::string_view pointer) const {
  return OrNothing(json::IntegerAt(*json_, pointer));
}
std::optional<bool> Object::BooleanAt(std::string_view pointer) const {
  return OrNothing(json::BooleanAt(*json_, pointer));
}

}  // namespace capstan::kube

#include <capstan/simulation/digested_storage.hpp>

#include <utility>

#include <capstan/core/json/scan.hpp>

namespace capstan::simulation {
namespace {

bool IsPartOfTheState(const std::string& key) {
  return key.find("/customresourcedefinitions/") == std::string::npos &&
         key.find("/events/") == std::string::npos;
}

}  // namespace

DigestedStorage::DigestedStorage(std::string lease)
    : next_(apiserver::MakeMemoryStorage()), lease_key_(std::move(lease)) {}

Status DigestedStorage::Commit(const std::string& key, apiserver::SharedText text, std::uint64_t revision) {
  CAPSTAN_RETURN_IF_ERROR(next_->Commit(key, text, revision));
  if (!IsPartOfTheState(key)) return {};
  if (key.ends_with(lease_key_)) {
    lease_ = text != nullptr ? *text : "";
    return {};
  }
  ++changes_;
  std::uint64_t& row = rows_[key];
  digest_ ^= row;
  if (text != nullptr) NameUid(key, *text);
  row = text != nullptr ? MixText(MixText(kNoText, key), *text, &uids_) : 0;
  digest_ ^= row;
  if (text == nullptr) rows_.erase(key);
  return {};
}

void DigestedStorage::NameUid(const std::string& key, const std::string& text) {
  const auto uid = json::StringAt(text, "/metadata/uid").value_or(std::nullopt);
  if (!uid || uids_.count(*uid) != 0) return;
  uids_.emplace(*uid, Mix(MixText(kNoText, key), ++drawn_[key]));
}

std::string DigestedStorage::HolderOfLease() const {
  return json::StringAt(lease_, "/spec/holderIdentity").value_or(std::nullopt).value_or("");
}

}  // namespace capstan::simulation

#include <capstan/core/managed/detail/connections.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::managed {

std::string Connections::Fingerprint(const external::Credentials& credentials) {
  std::string all;
  for (const auto& [key, value] : credentials.data) all += StrCat(key, "=", value.Fingerprint(), ";");
  return Secret(std::move(all)).Fingerprint();
}

Result<std::shared_ptr<Observer>> Connections::Get(const external::Credentials& credentials,
                                                   const Context& context) {
  const std::string fingerprint = Fingerprint(credentials);
  const Instant now = scheduler_.Now();
  {
    MutexLock lock(mutex_);
    if (const auto it = kept_.find(fingerprint); it != kept_.end()) {
      it->second.used = now;
      return it->second.observer;
    }
  }
  CAPSTAN_TRY(auto made, provider_.Connect(kind_, credentials, context));
  auto observer = std::make_shared<Observer>(std::move(made), scheduler_, few_);
  MutexLock lock(mutex_);
  // Another worker may have been faster; there must not be two lists.
  const auto [it, added] = kept_.try_emplace(fingerprint, Kept{observer, now});
  observer = it->second.observer;
  if (kept_.size() > kKept) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(),
                                 [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  return observer;
}

}  // namespace capstan::managed

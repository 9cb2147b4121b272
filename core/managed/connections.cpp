#include <capstan/core/managed/detail/connections.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::managed {

std::string Connections::Fingerprint(const external::Credentials& credentials) {
  std::string all;
  for (const auto& [key, value] : credentials.data) all += StrCat(key, "=", value.Fingerprint(), ";");
  return Secret(std::move(all)).Fingerprint();
}

Result<std::shared_ptr<external::External>> Connections::Get(const external::Credentials& credentials,
                                                             const Context& context, Instant now) {
  const std::string fingerprint = Fingerprint(credentials);
  {
    MutexLock lock(mutex_);
    if (const auto it = kept_.find(fingerprint); it != kept_.end()) {
      it->second.used = now;
      return it->second.external;
    }
  }
  CAPSTAN_TRY(auto made, provider_.Connect(kind_, credentials, context));
  std::shared_ptr<external::External> external = std::move(made);
  MutexLock lock(mutex_);
  // Another worker may have been faster; its connection is as good.
  const auto [it, added] = kept_.try_emplace(fingerprint, Kept{external, now});
  external = it->second.external;
  if (kept_.size() > kKept) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(),
                                 [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  return external;
}

}  // namespace capstan::managed

#include <capstan/core/managed/memory/cloud_pool.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::managed {

std::string CloudPool::Fingerprint(const external::Credentials& credentials) {
  std::string all;
  for (const auto& [key, value] : credentials.data) all += StrCat(key, "=", value.Fingerprint(), ";");
  return Secret(std::move(all)).Fingerprint();
}

std::string CloudPool::Key(const external::Credentials& credentials) {
  std::string key;
  for (const auto& [name, value] : credentials.data) key += StrCat(name, "=", value.Digest(), ";");
  return key;
}

Result<std::shared_ptr<SharedCloud>> CloudPool::Get(const external::Credentials& credentials,
                                                    const Context& context) {
  const std::string wanted = Key(credentials);
  const Instant now = scheduler_.Now();
  {
    MutexLock lock(mutex_);
    if (const auto it = kept_.find(wanted); it != kept_.end()) {
      it->second.used = now;
      return it->second.cloud;
    }
  }
  CAPSTAN_TRY(auto made, provider_.Connect(kind_, credentials, context));
  auto cloud = std::make_shared<SharedCloud>(std::move(made), scheduler_, log_, few_);
  MutexLock lock(mutex_);
  // Another worker may have been faster; there must not be two connections, each with its own list.
  const auto [it, added] = kept_.try_emplace(wanted, Kept{cloud, now});
  cloud = it->second.cloud;
  if (kept_.size() > kKept) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(),
                                 [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  return cloud;
}

}  // namespace capstan::managed

// The server's metrics in Prometheus' text format for /metrics: requests and stored objects, under
// Kubernetes' names.
//
// Thread-safe. At most kSeries series; further ones are not counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include <capstan/core/base/mutex.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>
#include <capstan/local/apiserver/requests/request_info.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>

namespace capstan::apiserver {

class RequestMetrics final {
 public:
  static constexpr std::size_t kSeries = 4096;
  void Count(const RequestInfo& info, int code);
  std::string Text(const Served& served, const ObjectStore& store) const;

 private:
  using Series = std::tuple<std::string, std::string, std::string, std::string, int>;
  mutable Mutex mutex_;
  std::map<Series, std::uint64_t> requests_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::apiserver

#include <capstan/local/apiserver/requests/metrics.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {

void RequestMetrics::Count(const RequestInfo& info, int code) {
  // All paths that are not served share one series, however many there are.
  const bool known = info.is_resource && code != 404;
  std::string verb = info.verb;
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  MutexLock lock(mutex_);
  const Series series{verb, known ? info.group : "", known ? info.resource : "",
                      known ? info.subresource : "", code};
  if (const auto found = requests_.find(series); found != requests_.end()) {
    ++found->second;
  } else if (requests_.size() < kSeries) {
    requests_[series] = 1;
  }
}

std::string RequestMetrics::Text(const Served& served, const ObjectStore& store) const {
  std::string text =
      "# HELP apiserver_request_total Counter of apiserver requests.\n"
      "# TYPE apiserver_request_total counter\n";
  MutexLock lock(mutex_);
  for (const auto& [series, count] : requests_) {
    const auto& [verb, group, resource, subresource, code] = series;
    text += StrCat("apiserver_request_total{code=\"", code, "\",group=\"", group, "\",resource=\"", resource,
                   "\",subresource=\"", subresource, "\",verb=\"", verb, "\"} ", count, "\n");
  }
  text +=
      "# HELP apiserver_storage_objects Number of stored objects, by resource.\n"
      "# TYPE apiserver_storage_objects gauge\n";
  for (const ResourcePtr& resource : served.resources) {
    text += StrCat("apiserver_storage_objects{resource=\"", resource->Qualified(), "\"} ",
                   store.Count(resource->key_prefix, resource->key_prefix, resource->key_prefix), "\n");
  }
  return text;
}

}  // namespace capstan::apiserver

// Discovery of groups, versions and resources, in the old and in the aggregated form. Pure;
// thread-safe.
#pragma once

#include <string_view>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>

namespace capstan::apiserver {

json::ObjectPtr ApiVersions(std::string_view authority);                 // GET /api
json::ObjectPtr ApiGroupList(const Served& served);                      // GET /apis
json::ObjectPtr ApiGroup(const Served& served, std::string_view group);  // GET /apis/G; null: not served
// GET /api/v1, /apis/G/V; null: not served
json::ObjectPtr ApiResourceList(const Served& served, std::string_view group, std::string_view version);
// GET /api and /apis as apidiscovery.k8s.io APIGroupDiscoveryList.
json::ObjectPtr AggregatedDiscovery(const Served& served, bool core, std::string_view version);

}  // namespace capstan::apiserver

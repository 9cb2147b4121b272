// Kinds with special rules for writes, and what blocks the removal of an object. Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>

namespace capstan::apiserver {

bool IsCrd(const Resource& resource);
bool IsNamespace(const Resource& resource);
bool IsPod(const Resource& resource);
// Whether a deleted object can be removed: it has no finalizer and is no pod that is still
// terminating.
bool IsRemovable(const json::ObjectPtr& object, const Resource& resource);
// Copies `field` from `from` to `to`, or removes it from `to` when `from` lacks it.
void Carry(const json::ObjectPtr& from, json::ObjectPtr to, const std::string& field);

}  // namespace capstan::apiserver

// The kinds whose objects are written by rules of their own, and what holds an object back from
// being removed. Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>

namespace capstan::apiserver {

bool IsCrd(const Resource& resource);
bool IsNamespace(const Resource& resource);
bool IsPod(const Resource& resource);
// Whether nothing holds a deleted object any more: no finalizer, no pod that still ends.
bool NothingHolds(const json::ObjectPtr& object, const Resource& resource);
// Puts the value of `field` in `from` into `to`, or takes it away.
void Carry(const json::ObjectPtr& from, json::ObjectPtr to, const std::string& field);

}  // namespace capstan::apiserver

// A field of an object. Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// Null when the key is absent, or the object is null.
inline json::Tree FieldOf(const json::ObjectPtr& object, const std::string& key) {
  return object && object->has(key) ? object->get(key) : json::Tree();
}

}  // namespace capstan::apiserver

// For tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// Parses an object; the test fails when `text` is not one.
inline json::ObjectPtr Parse(std::string_view text) {
  auto object = json::ParseObject(text);
  EXPECT_TRUE(object) << text << ": " << (object ? "" : object.error().message);
  return object ? object.value() : json::MakeObject();
}

}  // namespace capstan::apiserver

// For tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// The object that the text says; the test fails where it says none.
inline json::ObjectPtr Parse(std::string_view text) {
  auto object = json::ParseObject(text);
  EXPECT_TRUE(object) << text << ": " << (object ? "" : object.error().message);
  return object ? object.value() : json::MakeObject();
}

}  // namespace capstan::apiserver

// The files of the web page, compiled in. Thread-safe.
#pragma once

#include <string_view>

namespace capstan::app {

struct StaticFile {
  std::string_view name;  // "page.js"
  std::string_view content;
};
// Null when there is no file of that name.
const StaticFile* FindStaticFile(std::string_view name);

}  // namespace capstan::app

// JSON as Go writes it: <, > and & in strings become \u003c, \u003e and \u0026. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace capstan::apiserver {

bool IsHtmlSafe(std::string_view json);
// REQUIRES: `json` is valid JSON.
std::string WithoutHtml(std::string json);

}  // namespace capstan::apiserver

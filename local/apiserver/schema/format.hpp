// The string formats that Kubernetes checks. Pure; thread-safe.
#pragma once

#include <string_view>

namespace capstan::apiserver {

// Whether `text` matches the format; true for a format that is unknown or not checked.
bool HasFormat(std::string_view format, std::string_view text);

}  // namespace capstan::apiserver

// The string formats that Kubernetes checks. Pure; thread-safe.
#pragma once

#include <string_view>

namespace capstan::apiserver {

// Whether `text` has the format; a format that is not checked (or not known) always fits.
bool HasFormat(std::string_view format, std::string_view text);

}  // namespace capstan::apiserver

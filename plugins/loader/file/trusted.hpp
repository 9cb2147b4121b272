// Reads a plugin's file, provided that it is a regular file and nobody else could have replaced or
// modified it.
#pragma once

#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::loader {

// The bytes of the file. A plugin runs with all rights of this process. Therefore the file and its
// folder must belong to root or to this process's user, and must not be writable by others; a
// folder with the sticky bit is acceptable, because nobody can replace another user's file in it. A
// group that contains only the owner (it has the owner's number) counts as the owner, and so does
// group 0. `allow_writable` skips this check. Errors, one sentence each: kNotFound,
// kInvalidArgument (a folder, a FIFO, a socket, a device; these are not opened), kPermissionDenied
// (writable by others), and those of Files::Read.
Result<std::string> ReadPluginFile(Files& files, const std::string& path, bool allow_writable);

}  // namespace capstan::loader

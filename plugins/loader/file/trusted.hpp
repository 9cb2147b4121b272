// Reads a plugin's file, if it is one and nobody else could have put something else there.
#pragma once

#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::loader {

// The bytes of the file. A plugin runs with all rights of this process, so the file and the folder
// it lies in must belong to root or to this process's user, and others must not be able to write
// them: a folder with the sticky bit is as good, since in it nobody replaces what is not theirs. A
// group that only the owner is in (it has the owner's number) counts as the owner, and so does
// group 0. `allow_writable` leaves that out. Errors, one sentence each: kNotFound,
// kInvalidArgument (a folder, a FIFO, a socket, a device; nothing of it is opened),
// kPermissionDenied (others may write it), and those of Files::Read.
Result<std::string> ReadPluginFile(Files& files, const std::string& path, bool allow_writable);

}  // namespace capstan::loader

// Files and folders that only their owner can read, whatever the umask: for databases, which a
// library opens by name. (core/base/files.hpp writes files with a mode of its own.)
//
// Thread-safe. Errors: kPermissionDenied, kInvalidArgument (not a file, not a folder, a folder that
// all users share), kUnavailable; the message names the path.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>

namespace capstan::disk {

// A folder of mode 0700: made, with the folders above it, or brought to that. A shared one such as
// /tmp is refused.
Status MakePrivateFolder(const std::string& path);
// A file of mode 0600: made empty, or brought to that.
Status MakePrivateFile(const std::string& path);
// The same for a SQLite database and what lies next to it (-wal, -shm, -journal): SQLite gives
// those that it makes the mode of the database.
Status MakePrivateDatabase(const std::string& path);

}  // namespace capstan::disk

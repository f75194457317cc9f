// A tree with everything that a backup gets wrong.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace controller {

/// Fills the empty directory `root`.  Needs root rights and a file system with ACLs.  Holds one
/// socket, "socket", which no archive can keep.
void make_torture_tree(const std::filesystem::path& root);

/// The value of an ACL attribute that gives user 1234 rw- and group 4321 r-x.
std::string acl_with_names(unsigned mask);

}  // namespace controller

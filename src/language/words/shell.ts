/** Commands of the setup shell and their options. */

import { words } from './table.ts'

export const commandWords = words(`
cat: Prints files, such as an attribute in /sys.
echo: Prints its arguments; with > it writes them, for instance to an attribute in /sys, as root's shell does.
printf: Prints its arguments by a format.
ls: Lists a folder.
hexdump: Shows the bytes of a file.
xxd: Shows the bytes of a file.
dmesg: Prints the kernel's log so far.
head: Prints the first lines.
tail: Prints the last lines.
grep: Prints the lines that match a pattern.
wc: Counts lines, words and bytes.
true :: Succeeds.
false: Fails, which ends the setup unless it is a condition.
test [: Succeeds when a condition about texts, numbers or files holds.
sleep: Lets kernel time pass.
cd: Goes to a folder.
pwd: Prints the folder.
export unset: Sets or removes variables.
exit: Ends the setup.
tee: Prints its input and writes it to files.
sort uniq cut tr seq: A filter of lines, as in any shell.
ndctl: Manages namespaces, regions, DIMMs and their labels through sysfs, as an administrator does.
daxctl: Lists device-dax regions and devices.
dd: Copies blocks: if=, of=, bs=, count=, skip=, seek=, oflag=direct,sync, conv=fsync.
sync: Writes back what the page cache has of disks; with a file, as fsync does.
blockdev: Asks or sets what a disk is: --getsize64, --getss, --setro, --flushbufs, --rereadpt.
mke2fs mkfs.ext2 mkfs.ext3 mkfs.ext4: Makes a file system on a disk: mkfs.ext4 /dev/pmem0; -b is the size of a block, -O turns features on and off, -q says nothing.
mount: Mounts a file system: mount -o dax /dev/pmem0 /mnt. Without operands: what is mounted.
umount: Unmounts one, by its device or its folder.
mkdir: Makes folders; -p those above, too.
rmdir: Removes folders that are empty.
rm: Removes files; -r folders with what is in them, -f without a complaint.
mv: Moves or renames.
cp: Copies files.
ln: Another name for a file; -s a link to it.
truncate: Makes a file so long: truncate -s 1M FILE.
poweroff: Syncs, unmounts and tells drivers, as before the power goes in order; it stays on.
fallocate: Makes room in a file: fallocate -l 2M FILE; -p makes a hole, -z zeros.
touch: Makes files that are not there.
sfdisk: Writes a table of partitions from lines of start, size, type: echo 2048,32M | sfdisk -q /dev/pmem0.
blkdiscard: Discards the sectors of a disk; with -z fills them with zeros.
dmsetup: Makes disks out of pieces of others: create, table, status, suspend, resume, remove.
`)

/** Commands of dmsetup. */
export const dmsetupCommandWords = words(`
create: Makes a mapped device; its table, a line a target (start length type arguments), comes from --table, a file or standard input.
load reload: Gives a device a second table, which takes over when it is resumed.
clear: Takes the second table away again.
suspend: The device takes nothing until it is resumed; what the page cache holds of it is written first.
resume: Goes on, with the second table if there is one.
remove: The device goes if nobody has it open; --force gives it a table of errors first.
remove_all: All devices go that nobody has open; --force gives the others a table of errors.
rename: Another name, or with --setuuid a UUID if it has none.
message: Tells something to the target that has a sector: message NAME 0 mark TEXT puts a mark into the log of log-writes.
wipe_table: Replaces the table by one of the same length on which all I/O fails.
table: Prints the tables.
status: Prints what the targets say of themselves: of striped the health of its legs, of log-writes how many entries it has logged.
deps: Prints the disks that a device stands on.
info: Prints the state of devices, with -c as columns.
ls: Lists the devices.
mknodes: Nothing is to do: the kernel makes the nodes.
targets: Lists the types of targets: linear, striped, zero, error, log-writes, flakey, delay.
version: Prints the versions of library and driver.
`)

/** Commands of ndctl. */
export const ndctlCommandWords = words(`
create-namespace: Makes a namespace of free capacity, or turns one (--reconfig) into another mode.
list: Prints buses, DIMMs, regions and namespaces as JSON.
enable-namespace: Binds a namespace to its driver.
disable-namespace: Takes a namespace from its driver; what is on it stays.
destroy-namespace: Gives the capacity of a namespace back, and erases its info block.
check-namespace: Checks the translation table of a namespace in sector mode; --repair mends it.
clear-errors: Clears the media errors inside a namespace.
enable-region disable-region: Binds a region to its driver, or takes it away from it with all its namespaces.
enable-dimm disable-dimm: Binds a DIMM to its driver, or takes it away from it.
read-labels: Prints a DIMM's label area, as bytes or with --json.
write-labels: Writes a DIMM's label area.
zero-labels: Erases a DIMM's label area.
init-labels: Makes an empty index of labels; --label-version=1.2 for labels of 256 bytes.
check-labels: Succeeds if a DIMM has a valid index of labels.
inject-error: Makes blocks of a namespace unreadable, where the firmware can.
start-scrub wait-scrub: Starts an address range scrub, or waits for its end.
`)

/** Options of `ndctl create-namespace` by their long names. */
export const ndctlWords = words(`
bus: Only on this bus.
region: Only in this region.
reconfig: The namespace to turn into another mode.
force: Also when it is active: it is unbound from its driver first.
mode: What it becomes: fsdax gives a disk for file systems with DAX, devdax a character device that is mapped without one, sector a disk whose sectors are written whole or not at all, raw the bare memory.
map: Where the kernel keeps its struct pages: mem is DRAM, dev the media itself.
align: Bytes that a mapping is aligned to; 2M unless given.
size: Bytes of the new namespace; all that are free unless given.
sector-size: Bytes of a sector; 4096 in sector mode unless given.
name: A name for people.
type: pmem; block windows are history.
uuid: The namespace's UUID; random unless given.
autolabel: Makes labels where the DIMMs have room for them and no labels yet; on unless --no-autolabel.
autorecover: Takes everything back when a step fails; on unless --no-autorecover.
continue: Makes as many namespaces as there is room for.
verbose: Tells more.
`)

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
ndctl: Manages namespaces of NVDIMMs through sysfs. create-namespace --mode=devdax makes /dev/dax0.0, which programs map; its struct pages go to DRAM with --map=mem and to the media with --map=dev.
`)

/** Options of `ndctl create-namespace` by their long names. */
export const ndctlWords = words(`
reconfig: The namespace to turn into another mode.
force: Also when it is active: it is unbound from its driver first.
mode: What it becomes; devdax gives a character device that is mapped without a file system.
map: Where the kernel keeps its struct pages: mem is DRAM, dev the media itself.
align: Bytes that a mapping is aligned to; 2M unless given.
uuid: The namespace's UUID; random unless given.
verbose: Tells more.
`)
